"""The supervision platform's language (T/CEC 102-2016 and its profiles): sans-IO codec, both sides, and the mapping."""
