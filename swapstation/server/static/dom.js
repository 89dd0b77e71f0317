// The few ways in which this page touches the document. Texts only ever become text nodes, never markup.

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * The same for a part of a drawing.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function drawing(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @type {Map<string, string>} */
const shown = new Map();

/**
 * Replace the children of an element only when what they show has changed, so that buttons keep their clicks.
 * @param {string} id
 * @param {Node[]} children
 */
export function show(id, children) {
  const markup = children.map((child) => child instanceof Element ? child.outerHTML : child.textContent).join("");
  if (shown.get(id) === markup) return;
  shown.set(id, markup);
  byId(id).replaceChildren(...children);
}

/** @param {string} id @param {string} value */
export function write(id, value) {
  const target = byId(id);
  if (target.textContent !== value) target.textContent = value;
}
