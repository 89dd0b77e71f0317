BEGIN TRANSACTION;
CREATE TABLE alarms (
	sequence INTEGER NOT NULL, 
	alarm VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	priority INTEGER NOT NULL, 
	state VARCHAR(30) NOT NULL, 
	raised_at DATETIME NOT NULL, 
	detail VARCHAR NOT NULL, 
	acknowledged_by VARCHAR NOT NULL, 
	gone_at DATETIME, 
	CONSTRAINT pk_alarms PRIMARY KEY (sequence), 
	CONSTRAINT ck_alarms_priority CHECK (priority BETWEEN 1 AND 4), 
	CONSTRAINT fk_alarms_sequence FOREIGN KEY(sequence) REFERENCES events (sequence), 
	CONSTRAINT ck_alarms_state CHECK (state IN ('unacknowledged', 'acknowledged', 'returned_unacknowledged'))
);
INSERT INTO "alarms" VALUES(1,'ROBOT_SILENT@robot','ROBOT_SILENT','robot',2,'unacknowledged','2026-03-01 08:30:00.250000','','',NULL);
INSERT INTO "alarms" VALUES(2,'BMS_SILENT@bay-1','BMS_SILENT','bay-1',3,'acknowledged','2026-03-01 08:30:00.250000','','li','2026-03-01 08:36:10.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0013');
CREATE TABLE batteries (
	battery VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	soc_pct DOUBLE, 
	soc_at DATETIME, 
	quarantined BOOLEAN NOT NULL, 
	doubtful BOOLEAN NOT NULL, quarantine_reason VARCHAR DEFAULT '' NOT NULL, doubt_reason VARCHAR DEFAULT '' NOT NULL, release_asked_by VARCHAR DEFAULT '' NOT NULL, release_reason VARCHAR DEFAULT '' NOT NULL, release_asked_at DATETIME, full_at DATETIME, charges_since_full INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_batteries PRIMARY KEY (battery), 
	CONSTRAINT ck_batteries_soc_pct CHECK (soc_pct BETWEEN 0 AND 100), 
	CONSTRAINT fk_batteries_place FOREIGN KEY(place) REFERENCES places (name), 
	CONSTRAINT uq_batteries_place UNIQUE (place)
);
INSERT INTO "batteries" VALUES('B1','LFP-282','bay-1',80.0,'2026-03-01 08:30:00.250000',0,0,'','','','',NULL,NULL,0);
INSERT INTO "batteries" VALUES('B2','LFP-282','bay-2',NULL,NULL,1,0,'','','','',NULL,NULL,0);
INSERT INTO "batteries" VALUES('B3','LFP-282','truck:LSWAPTRK7T0000001',12.5,'2026-03-01 08:30:00.250000',0,0,'','','','',NULL,NULL,0);
CREATE TABLE battery_observations (
	sequence INTEGER NOT NULL, 
	battery VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	observation JSON NOT NULL, 
	CONSTRAINT pk_battery_observations PRIMARY KEY (sequence), 
	CONSTRAINT fk_battery_observations_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT fk_battery_observations_sequence FOREIGN KEY(sequence) REFERENCES events (sequence)
);
CREATE TABLE boots (
	boot INTEGER NOT NULL, 
	version VARCHAR NOT NULL, 
	configuration_hash VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	confirmed_by VARCHAR, 
	confirmed_at DATETIME, 
	CONSTRAINT pk_boots PRIMARY KEY (boot)
);
INSERT INTO "boots" VALUES(1,'0.1.0','abc','2026-03-01 08:30:00.250000','li','2026-03-01 08:30:00.250000');
CREATE TABLE bypasses (
	bypass VARCHAR NOT NULL, 
	input VARCHAR NOT NULL, 
	bay INTEGER, 
	minutes INTEGER NOT NULL, 
	person VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	set_at DATETIME NOT NULL, 
	result VARCHAR(30) NOT NULL, 
	ended_at DATETIME, 
	ended_by VARCHAR NOT NULL, 
	CONSTRAINT pk_bypasses PRIMARY KEY (bypass), 
	CONSTRAINT ck_bypasses_ended CHECK ((result = 'open') = (ended_at IS NULL)), 
	CONSTRAINT ck_bypasses_minutes CHECK (minutes BETWEEN 1 AND 30), 
	CONSTRAINT ck_bypasses_result CHECK (result IN ('open', 'ended', 'expired', 'restarted', 'mode_left'))
);
CREATE TABLE charger_records (
	sequence INTEGER NOT NULL, 
	bay INTEGER NOT NULL, 
	received_at DATETIME NOT NULL, 
	charger_id VARCHAR NOT NULL, 
	number BIGINT NOT NULL, 
	order_id VARCHAR NOT NULL, 
	started VARCHAR NOT NULL, 
	record JSON NOT NULL, 
	CONSTRAINT pk_charger_records PRIMARY KEY (sequence), 
	CONSTRAINT fk_charger_records_sequence FOREIGN KEY(sequence) REFERENCES events (sequence), 
	CONSTRAINT uq_charger_records_charger_id_number_order_id_started UNIQUE (charger_id, number, order_id, started)
);
CREATE TABLE charges (
	sequence INTEGER NOT NULL, 
	battery VARCHAR NOT NULL, 
	bay INTEGER NOT NULL, 
	started_at DATETIME, 
	start_soc_pct DOUBLE, 
	target_soc_pct DOUBLE, 
	ended_at DATETIME, 
	end_soc_pct DOUBLE, 
	energy_kwh DOUBLE, 
	reasons JSON NOT NULL, ac_kwh DOUBLE, dc_kwh DOUBLE, settlement JSON, 
	CONSTRAINT pk_charges PRIMARY KEY (sequence), 
	CONSTRAINT ck_charges_end_soc_pct CHECK (end_soc_pct BETWEEN 0 AND 100), 
	CONSTRAINT ck_charges_start_soc_pct CHECK (start_soc_pct BETWEEN 0 AND 100), 
	CONSTRAINT ck_charges_target_soc_pct CHECK (target_soc_pct BETWEEN 0 AND 100), 
	CONSTRAINT fk_charges_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT fk_charges_sequence FOREIGN KEY(sequence) REFERENCES events (sequence)
);
INSERT INTO "charges" VALUES(3,'B1',1,'2026-03-01 08:30:00.250000',40.0,100.0,'2026-03-01 08:36:10.000000',80.0,112.8,'[]',NULL,NULL,NULL);
CREATE TABLE dispatches (
	dispatch VARCHAR NOT NULL, 
	source VARCHAR(30) NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	value DOUBLE NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	ramp_kw_per_min DOUBLE, 
	fallback_kw DOUBLE, 
	signature VARCHAR DEFAULT '' NOT NULL, 
	renew_s DOUBLE, 
	node VARCHAR NOT NULL, 
	issued_at DATETIME, 
	person VARCHAR NOT NULL, 
	ended_at DATETIME, 
	end_reason VARCHAR, 
	ended_by VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_dispatches PRIMARY KEY (dispatch), 
	CONSTRAINT ck_dispatches_source CHECK (source IN ('safety', 'grid_emergency', 'operator', 'vpp', 'openadr', 'ocpp')), 
	CONSTRAINT ck_dispatches_kind CHECK (kind IN ('import_cap', 'export_cap', 'setpoint', 'soc_target', 'shed_level')), 
	CONSTRAINT ck_dispatches_times CHECK (starts_at < ends_at)
);
CREATE TABLE energy_cases (
	"case" VARCHAR NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	subject VARCHAR NOT NULL, 
	battery VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	difference_kwh DOUBLE NOT NULL, 
	uncertainty_kwh DOUBLE NOT NULL, 
	evidence JSON NOT NULL, 
	closed_at DATETIME, 
	closed_by VARCHAR DEFAULT '' NOT NULL, 
	close_reason VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_energy_cases PRIMARY KEY ("case"), 
	CONSTRAINT ck_energy_cases_kind CHECK (kind IN ('conversion', 'battery', 'counters', 'charger_record', 'site'))
);
CREATE TABLE energy_readings (
	sequence INTEGER NOT NULL, 
	bay INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	battery VARCHAR, 
	site_kwh DOUBLE, 
	ac_meter_kwh DOUBLE, 
	dc_meter_kwh DOUBLE, 
	charger_kwh DOUBLE, 
	process_kwh DOUBLE, 
	soc_pct DOUBLE, 
	CONSTRAINT pk_energy_readings PRIMARY KEY (sequence, bay), 
	CONSTRAINT fk_energy_readings_sequence FOREIGN KEY(sequence) REFERENCES events (sequence)
);
CREATE TABLE event_batteries (
	battery VARCHAR NOT NULL, 
	sequence INTEGER NOT NULL, 
	CONSTRAINT pk_event_batteries PRIMARY KEY (battery, sequence), 
	CONSTRAINT fk_event_batteries_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT fk_event_batteries_sequence FOREIGN KEY(sequence) REFERENCES events (sequence)
);
INSERT INTO "event_batteries" VALUES('B1',1);
INSERT INTO "event_batteries" VALUES('B2',2);
INSERT INTO "event_batteries" VALUES('B3',3);
CREATE TABLE events (
	sequence INTEGER NOT NULL, 
	boot INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (sequence)
);
INSERT INTO "events" VALUES(1,1,'2026-03-01 08:30:00.250000','InventoryChanged','{"note": "电池"}');
INSERT INTO "events" VALUES(2,1,'2026-03-01 08:30:00.250000','InventoryChanged','{"note": "电池"}');
INSERT INTO "events" VALUES(3,1,'2026-03-01 08:30:00.250000','InventoryChanged','{"note": "电池"}');
INSERT INTO "events" VALUES(4,1,'2026-03-01 08:30:00.250000','InventoryChanged','{"note": "电池"}');
INSERT INTO "events" VALUES(5,1,'2026-03-01 08:30:00.250000','InventoryChanged','{"note": "电池"}');
INSERT INTO "events" VALUES(6,1,'2026-03-01 08:30:00.250000','InventoryChanged','{"note": "电池"}');
CREATE TABLE facts (
	sequence INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	battery VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	destination VARCHAR NOT NULL, 
	evidence JSON NOT NULL, 
	command_id INTEGER, 
	CONSTRAINT pk_facts PRIMARY KEY (sequence), 
	CONSTRAINT fk_facts_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT fk_facts_command_id FOREIGN KEY(command_id) REFERENCES intents (command_id), 
	CONSTRAINT fk_facts_destination FOREIGN KEY(destination) REFERENCES places (name), 
	CONSTRAINT fk_facts_origin FOREIGN KEY(origin) REFERENCES places (name), 
	CONSTRAINT fk_facts_sequence FOREIGN KEY(sequence) REFERENCES events (sequence)
);
INSERT INTO "facts" VALUES(4,'2026-03-01 08:30:00.250000','B1','bay-1','robot','["load"]',1);
CREATE TABLE "holds" (
	hold VARCHAR NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	battery VARCHAR, 
	place VARCHAR, 
	swap VARCHAR, 
	vin VARCHAR, 
	model VARCHAR, 
	person VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	ended_at DATETIME, 
	end_reason VARCHAR, 
	job VARCHAR, 
	reason VARCHAR DEFAULT ('') NOT NULL, 
	needed_at DATETIME, 
	soc_pct DOUBLE, 
	return_soc_pct DOUBLE, 
	CONSTRAINT pk_holds PRIMARY KEY (hold), 
	CONSTRAINT ck_holds_soc_pct CHECK (soc_pct BETWEEN 0 AND 100), 
	CONSTRAINT ck_holds_kind CHECK (kind IN ('swap', 'job', 'booking', 'lock_out')), 
	CONSTRAINT fk_holds_job FOREIGN KEY(job) REFERENCES jobs (job), 
	CONSTRAINT fk_holds_swap FOREIGN KEY(swap) REFERENCES swaps (swap), 
	CONSTRAINT fk_holds_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT ck_holds_one_target CHECK ((battery IS NULL) <> (place IS NULL) OR (needed_at IS NOT NULL AND place IS NULL)), 
	CONSTRAINT fk_holds_place FOREIGN KEY(place) REFERENCES places (name), 
	CONSTRAINT ck_holds_return_soc_pct CHECK (return_soc_pct BETWEEN 0 AND 100)
);
INSERT INTO "holds" VALUES('H1','swap','B1',NULL,'S1','LSWAPTRK7T0000001',NULL,'li','2026-03-01 08:30:00.250000',NULL,'2026-03-01 08:36:10.000000','done',NULL,'',NULL,NULL,NULL);
INSERT INTO "holds" VALUES('H2','lock_out',NULL,'bay-3',NULL,NULL,NULL,'li','2026-03-01 08:30:00.250000',NULL,NULL,NULL,NULL,'',NULL,NULL,NULL);
CREATE TABLE intents (
	command_id INTEGER NOT NULL, 
	boot INTEGER NOT NULL, 
	command VARCHAR NOT NULL, 
	parameters VARCHAR NOT NULL, 
	swap VARCHAR, 
	recorded_at DATETIME NOT NULL, 
	outcome VARCHAR(30), 
	detail VARCHAR NOT NULL, 
	resolved_at DATETIME, 
	CONSTRAINT pk_intents PRIMARY KEY (command_id), 
	CONSTRAINT fk_intents_boot FOREIGN KEY(boot) REFERENCES boots (boot), 
	CONSTRAINT fk_intents_swap FOREIGN KEY(swap) REFERENCES swaps (swap), 
	CONSTRAINT ck_intents_outcome CHECK (outcome IN ('done', 'refused', 'failed', 'dropped'))
);
INSERT INTO "intents" VALUES(1,1,'PickBattery','bay=1','S1','2026-03-01 08:30:00.250000','done','','2026-03-01 08:36:10.000000');
INSERT INTO "intents" VALUES(2,1,'PutBattery','bay=3','S2','2026-03-01 08:30:00.250000',NULL,'',NULL);
CREATE TABLE "jobs" (
	job VARCHAR NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	step VARCHAR NOT NULL, 
	result VARCHAR(30) NOT NULL, 
	battery VARCHAR, 
	origin VARCHAR, 
	destination VARCHAR, 
	vin VARCHAR, 
	person VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	reason VARCHAR NOT NULL, 
	differences JSON NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (job), 
	CONSTRAINT fk_jobs_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT ck_jobs_result CHECK (result IN ('open', 'completed', 'failed')), 
	CONSTRAINT fk_jobs_origin FOREIGN KEY(origin) REFERENCES places (name), 
	CONSTRAINT fk_jobs_destination FOREIGN KEY(destination) REFERENCES places (name), 
	CONSTRAINT ck_jobs_closed CHECK ((result = 'open') = (closed_at IS NULL)), 
	CONSTRAINT ck_jobs_kind CHECK (kind IN ('move', 'store', 'home', 'stock_check', 'locate', 'grip', 'lift', 'put', 'pick', 'place', 'ungrip', 'park', 'unlock', 'lock', 'isolate'))
);
CREATE TABLE modes (
	sequence INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	mode VARCHAR(30) NOT NULL, 
	person VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	CONSTRAINT pk_modes PRIMARY KEY (sequence), 
	CONSTRAINT fk_modes_sequence FOREIGN KEY(sequence) REFERENCES events (sequence), 
	CONSTRAINT ck_modes_mode CHECK (mode IN ('automatic', 'single_step', 'maintenance', 'fire'))
);
CREATE TABLE pack_codes (
	code VARCHAR NOT NULL, 
	battery VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_pack_codes PRIMARY KEY (code), 
	CONSTRAINT ck_pack_codes_code CHECK (length(code) = 24), 
	CONSTRAINT fk_pack_codes_battery FOREIGN KEY(battery) REFERENCES batteries (battery), 
	CONSTRAINT uq_pack_codes_battery_position UNIQUE (battery, position)
);
INSERT INTO "pack_codes" VALUES('999PB0A0000001E6K0000001','B1',1);
INSERT INTO "pack_codes" VALUES('999PB0A0000001E6K0000002','B2',1);
INSERT INTO "pack_codes" VALUES('999PB0A0000001E6K0000003','B3',1);
CREATE TABLE "places" (
	name VARCHAR NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	CONSTRAINT pk_places PRIMARY KEY (name), 
	CONSTRAINT ck_places_kind CHECK (kind IN ('bay', 'isolation', 'transit', 'robot', 'truck', 'away'))
);
INSERT INTO "places" VALUES('bay-1','bay');
INSERT INTO "places" VALUES('bay-2','bay');
INSERT INTO "places" VALUES('bay-3','bay');
INSERT INTO "places" VALUES('isolation-9','isolation');
INSERT INTO "places" VALUES('robot','robot');
INSERT INTO "places" VALUES('truck:LSWAPTRK7T0000001','truck');
CREATE TABLE quarters (
	at DATETIME NOT NULL, 
	demand_kw DOUBLE NOT NULL, 
	estimated BOOLEAN NOT NULL, 
	counter_kwh DOUBLE, 
	peak_kw DOUBLE NOT NULL, 
	peak_at DATETIME, 
	CONSTRAINT pk_quarters PRIMARY KEY (at)
);
CREATE TABLE requests (
	"key" VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	payload_hash VARCHAR NOT NULL, 
	answer JSON NOT NULL, 
	answered_at DATETIME NOT NULL, 
	CONSTRAINT pk_requests PRIMARY KEY ("key")
);
INSERT INTO "requests" VALUES('k-1','li','request_swap','0000000000000000000000000000000000000000000000000000000000000000','{"key": "k-1", "kind": "accepted"}','2026-03-01 08:30:00.250000');
CREATE TABLE swaps (
	swap VARCHAR NOT NULL, 
	vin VARCHAR NOT NULL, 
	truck_model VARCHAR NOT NULL, 
	recipe VARCHAR NOT NULL, 
	recipe_hash VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	result VARCHAR(30) NOT NULL, 
	fresh VARCHAR, 
	returned VARCHAR, 
	from_bay INTEGER, 
	to_bay INTEGER, 
	booking VARCHAR, 
	person VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	reason VARCHAR NOT NULL, 
	step_seconds JSON NOT NULL, wanted_battery VARCHAR, accept_soc_pct DOUBLE, attested JSON DEFAULT '[]' NOT NULL, position INTEGER DEFAULT '1' NOT NULL, fresh_soc_pct DOUBLE, returned_soc_pct DOUBLE, exchanged JSON DEFAULT '[]' NOT NULL, ahead JSON DEFAULT '[]' NOT NULL, uneven_accepted_by VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_swaps PRIMARY KEY (swap), 
	CONSTRAINT ck_swaps_closed CHECK ((result = 'open') = (closed_at IS NULL)), 
	CONSTRAINT fk_swaps_fresh FOREIGN KEY(fresh) REFERENCES batteries (battery), 
	CONSTRAINT fk_swaps_returned FOREIGN KEY(returned) REFERENCES batteries (battery), 
	CONSTRAINT fk_swaps_vin FOREIGN KEY(vin) REFERENCES trucks (vin), 
	CONSTRAINT ck_swaps_result CHECK (result IN ('open', 'completed', 'failed'))
);
INSERT INTO "swaps" VALUES('S1','LSWAPTRK7T0000001','tractor-6x4','top_lift','h','put','completed','B1','B3',1,3,NULL,'li','2026-03-01 08:30:00.250000','2026-03-01 08:36:10.000000','','[]',NULL,NULL,'[]',1,NULL,NULL,'[{"position": 1, "fresh": "B1", "returned": "B3", "from_bay": 1, "to_bay": 3, "fresh_soc_pct": null, "returned_soc_pct": null}]','[]','');
INSERT INTO "swaps" VALUES('S2','LSWAPTRK7T0000001','tractor-6x4','top_lift','h','identify','open',NULL,NULL,NULL,NULL,NULL,'li','2026-03-01 08:30:00.250000',NULL,'','[]',NULL,NULL,'[]',1,NULL,NULL,'[]','[]','');
CREATE TABLE trucks (
	vin VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	vin_warning VARCHAR NOT NULL, 
	CONSTRAINT pk_trucks PRIMARY KEY (vin), 
	CONSTRAINT ck_trucks_vin CHECK (length(vin) = 17)
);
INSERT INTO "trucks" VALUES('LSWAPTRK7T0000001','tractor-6x4','');
CREATE UNIQUE INDEX uq_alarms_standing ON alarms (alarm) WHERE gone_at IS NULL;
CREATE UNIQUE INDEX uq_charges_open_battery ON charges (battery) WHERE ended_at IS NULL;
CREATE INDEX ix_swaps_opened_at ON swaps (opened_at);
CREATE UNIQUE INDEX uq_swaps_open ON swaps (result) WHERE result = 'open';
CREATE INDEX ix_intents_open ON intents (command_id) WHERE outcome IS NULL;
CREATE INDEX ix_facts_battery ON facts (battery);
CREATE INDEX ix_bypasses_set_at ON bypasses (set_at);
CREATE UNIQUE INDEX uq_bypasses_open ON bypasses (result) WHERE result = 'open';
CREATE UNIQUE INDEX uq_jobs_open ON jobs (result) WHERE result = 'open';
CREATE INDEX ix_jobs_opened_at ON jobs (opened_at);
CREATE INDEX ix_energy_readings_bay_at ON energy_readings (bay, at);
CREATE INDEX ix_energy_cases_opened_at ON energy_cases (opened_at);
CREATE INDEX ix_battery_observations_battery_at ON battery_observations (battery, at);
CREATE INDEX ix_dispatches_open ON dispatches (dispatch) WHERE ended_at IS NULL;
CREATE INDEX ix_events_at ON events (at);
CREATE UNIQUE INDEX uq_holds_open_place ON holds (place) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX uq_holds_open_battery ON holds (battery) WHERE ended_at IS NULL;
CREATE INDEX ix_holds_swap ON holds (swap);
COMMIT;
