BEGIN TRANSACTION;
CREATE TABLE accounts (
	account VARCHAR NOT NULL, 
	display VARCHAR NOT NULL, 
	role VARCHAR(30) NOT NULL, 
	pin_hash VARCHAR, 
	password_hash VARCHAR, 
	totp_secret VARCHAR, 
	totp_step BIGINT DEFAULT '0' NOT NULL, 
	created_at DATETIME NOT NULL, 
	locked_at DATETIME, 
	CONSTRAINT pk_accounts PRIMARY KEY (account), 
	CONSTRAINT ck_accounts_role CHECK (role IN ('viewer', 'operator', 'shift_lead', 'maintenance', 'admin', 'fleet', 'platform'))
);
INSERT INTO "accounts" VALUES('li','李','shift_lead','hash','hash','secret',7,'2026-03-01 08:30:00.250000',NULL);
INSERT INTO "accounts" VALUES('wang','','viewer',NULL,NULL,NULL,0,'2026-03-01 08:30:00.250000','2026-03-01 08:36:10.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0007');
CREATE TABLE api_keys (
	"key" VARCHAR NOT NULL, 
	secret_hash VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR(30) NOT NULL, 
	fleet VARCHAR DEFAULT '' NOT NULL, 
	scopes JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_keys PRIMARY KEY ("key"), 
	CONSTRAINT ck_api_keys_role CHECK (role IN ('viewer', 'operator', 'shift_lead', 'maintenance', 'admin', 'fleet', 'platform'))
);
INSERT INTO "api_keys" VALUES('k1','hash','north','fleet','north','["read"]','2026-03-01 08:30:00.250000','li',NULL,NULL);
CREATE TABLE audit (
	number BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	detail TEXT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,'2026-03-01 08:30:00.000000','log_in','li','shift_lead','127.0.0.1','','{"note":"\u767b\u5f55"}','0000000000000000000000000000000000000000000000000000000000000000','1af99a30d51bb6fe935d636ba943c28db01730ec5811ac8a6aa87448ecdb73cc');
INSERT INTO "audit" VALUES(2,'2026-03-01 08:30:00.000000','log_out','li','','','','{}','1af99a30d51bb6fe935d636ba943c28db01730ec5811ac8a6aa87448ecdb73cc','cd58241404b863f80f7309fea4cf28ffc485a2527849cd659d358e67eb26f001');
CREATE TABLE complaints (
	number INTEGER NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	state VARCHAR(30) NOT NULL, 
	assigned_to VARCHAR NOT NULL, 
	told JSON NOT NULL, 
	steps JSON NOT NULL, 
	CONSTRAINT pk_complaints PRIMARY KEY (number), 
	CONSTRAINT ck_complaints_state CHECK (state IN ('recorded', 'assigned', 'answered', 'closed'))
);
CREATE TABLE corrections (
	number INTEGER NOT NULL, 
	swap VARCHAR NOT NULL, 
	fleet VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	person VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	electricity_yuan BIGINT NOT NULL, 
	service_yuan BIGINT NOT NULL, 
	statement VARCHAR, 
	CONSTRAINT pk_corrections PRIMARY KEY (number), 
	CONSTRAINT fk_corrections_swap FOREIGN KEY(swap) REFERENCES orders (swap), 
	CONSTRAINT fk_corrections_statement FOREIGN KEY(statement) REFERENCES statements (statement)
);
CREATE TABLE cursors (
	name VARCHAR NOT NULL, 
	sequence BIGINT NOT NULL, 
	CONSTRAINT pk_cursors PRIMARY KEY (name)
);
INSERT INTO "cursors" VALUES('audit',6);
CREATE TABLE drill_results (
	number INTEGER NOT NULL, 
	drill VARCHAR NOT NULL, 
	instructor VARCHAR NOT NULL, 
	begun_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	clock_at DATETIME, 
	score JSON NOT NULL, 
	CONSTRAINT pk_drill_results PRIMARY KEY (number)
);
CREATE TABLE entries (
	number INTEGER NOT NULL, 
	fleet VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	reference VARCHAR NOT NULL, 
	yuan BIGINT NOT NULL, 
	person VARCHAR DEFAULT '' NOT NULL, 
	note VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_entries PRIMARY KEY (number), 
	CONSTRAINT ck_entries_kind CHECK (kind IN ('deposit', 'order', 'correction', 'monthly')), 
	CONSTRAINT uq_entries_reference UNIQUE (reference)
);
CREATE TABLE fleet_bookings (
	number INTEGER NOT NULL, 
	booking VARCHAR(36) NOT NULL, 
	fleet VARCHAR NOT NULL, 
	request_id VARCHAR(36) NOT NULL, 
	vin VARCHAR NOT NULL, 
	state VARCHAR(30) NOT NULL, 
	hold VARCHAR DEFAULT '' NOT NULL, 
	swap VARCHAR DEFAULT '' NOT NULL, 
	asked_by VARCHAR NOT NULL, 
	rests_on VARCHAR DEFAULT '' NOT NULL, 
	kept BOOLEAN, 
	body JSON NOT NULL, 
	CONSTRAINT pk_fleet_bookings PRIMARY KEY (number), 
	CONSTRAINT uq_fleet_bookings_fleet_request_id UNIQUE (fleet, request_id), 
	CONSTRAINT uq_fleet_bookings_booking UNIQUE (booking), 
	CONSTRAINT ck_fleet_bookings_state CHECK (state IN ('PENDING', 'RESERVED', 'ARRIVED', 'SWAPPING', 'FULFILLED', 'CANCELED', 'NO_SHOW', 'REJECTED', 'FAILED'))
);
CREATE TABLE fleet_events (
	number INTEGER NOT NULL, 
	fleet VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	subject VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT pk_fleet_events PRIMARY KEY (number), 
	CONSTRAINT ck_fleet_events_kind CHECK (kind IN ('booking.reserved', 'booking.rejected', 'booking.changed', 'booking.ready', 'booking.arrived', 'booking.swapping', 'booking.fulfilled', 'booking.canceled', 'booking.no_show', 'booking.failed', 'swap.opened', 'swap.completed', 'swap.failed'))
);
CREATE TABLE fleet_webhooks (
	fleet VARCHAR NOT NULL, 
	webhook VARCHAR(40) NOT NULL, 
	url VARCHAR NOT NULL, 
	kinds JSON NOT NULL, 
	secret_id VARCHAR NOT NULL, 
	secret VARCHAR NOT NULL, 
	previous VARCHAR DEFAULT '' NOT NULL, 
	previous_until DATETIME, 
	cursor BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	paused BOOLEAN DEFAULT 0 NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	next_try_at DATETIME, 
	delivered_at DATETIME, 
	reason VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_fleet_webhooks PRIMARY KEY (fleet, webhook)
);
CREATE TABLE invitations (
	code_hash VARCHAR NOT NULL, 
	account VARCHAR, 
	expires_at DATETIME, 
	CONSTRAINT pk_invitations PRIMARY KEY (code_hash), 
	CONSTRAINT fk_invitations_account FOREIGN KEY(account) REFERENCES accounts (account)
);
INSERT INTO "invitations" VALUES('code','wang','2026-03-01 08:36:10.000000');
CREATE TABLE known_trucks (
	vin VARCHAR NOT NULL, 
	truck_model VARCHAR NOT NULL, 
	plate VARCHAR NOT NULL, 
	rfid VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	taken_on_by VARCHAR NOT NULL, 
	taken_on_at DATETIME NOT NULL, 
	CONSTRAINT pk_known_trucks PRIMARY KEY (vin)
);
CREATE TABLE orders (
	swap VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	vin VARCHAR NOT NULL, 
	facts JSON NOT NULL, 
	supplied JSON NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	fleet VARCHAR, 
	open_because VARCHAR(30), 
	money JSON, 
	total_yuan BIGINT, 
	priced_at DATETIME, 
	statement VARCHAR, 
	CONSTRAINT pk_orders PRIMARY KEY (swap), 
	CONSTRAINT ck_orders_open_because CHECK (open_because IN ('no_fleet', 'no_contract', 'no_tariff', 'no_energy', 'no_distance')), 
	CONSTRAINT ck_orders_priced CHECK ((priced_at IS NULL) = (total_yuan IS NULL)), 
	CONSTRAINT ck_orders_stated CHECK (statement IS NULL OR priced_at IS NOT NULL), 
	CONSTRAINT fk_orders_statement FOREIGN KEY(statement) REFERENCES statements (statement)
);
CREATE TABLE platform_outbox (
	number INTEGER NOT NULL, 
	interface VARCHAR NOT NULL, 
	lane VARCHAR(30) NOT NULL, 
	"key" VARCHAR NOT NULL, 
	once VARCHAR, 
	body JSON NOT NULL, 
	happened_at DATETIME NOT NULL, 
	queued_at DATETIME NOT NULL, 
	state VARCHAR(30) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_try_at DATETIME, 
	reason VARCHAR DEFAULT '' NOT NULL, 
	done_at DATETIME, 
	CONSTRAINT pk_platform_outbox PRIMARY KEY (number), 
	CONSTRAINT uq_platform_outbox_once UNIQUE (once), 
	CONSTRAINT ck_platform_outbox_lane CHECK (lane IN ('a_state', 'b_record')), 
	CONSTRAINT ck_platform_outbox_state CHECK (state IN ('pending', 'delivered', 'superseded', 'discarded', 'disputed', 'dead'))
);
CREATE TABLE platform_receipts (
	number INTEGER NOT NULL, 
	message INTEGER, 
	direction VARCHAR(30) NOT NULL, 
	interface VARCHAR NOT NULL, 
	time_stamp VARCHAR NOT NULL, 
	seq VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	sent_at DATETIME NOT NULL, 
	answered_at DATETIME NOT NULL, 
	ret INTEGER NOT NULL, 
	msg VARCHAR NOT NULL, 
	answer JSON NOT NULL, 
	CONSTRAINT pk_platform_receipts PRIMARY KEY (number), 
	CONSTRAINT fk_platform_receipts_message FOREIGN KEY(message) REFERENCES platform_outbox (number), 
	CONSTRAINT ck_platform_receipts_direction CHECK (direction IN ('out', 'in'))
);
CREATE TABLE queue_entries (
	number INTEGER NOT NULL, 
	state VARCHAR(30) NOT NULL, 
	came_at DATETIME NOT NULL, 
	turn_at DATETIME NOT NULL, 
	vin VARCHAR NOT NULL, 
	proofs JSON NOT NULL, 
	skipped INTEGER NOT NULL, 
	skip_reason VARCHAR NOT NULL, 
	swap VARCHAR NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_queue_entries PRIMARY KEY (number), 
	CONSTRAINT ck_queue_entries_state CHECK (state IN ('waiting', 'called', 'swapping', 'done', 'left'))
);
CREATE TABLE sessions (
	token_hash VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	kind VARCHAR(30) NOT NULL, 
	address VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT ck_sessions_kind CHECK (kind IN ('cabin', 'remote')), 
	CONSTRAINT fk_sessions_account FOREIGN KEY(account) REFERENCES accounts (account)
);
INSERT INTO "sessions" VALUES('token','li','cabin','127.0.0.1','2026-03-01 08:30:00.250000',NULL);
CREATE TABLE statements (
	statement VARCHAR NOT NULL, 
	fleet VARCHAR NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	issued_at DATETIME NOT NULL, 
	total_yuan BIGINT NOT NULL, 
	body JSON NOT NULL, 
	CONSTRAINT pk_statements PRIMARY KEY (statement), 
	CONSTRAINT uq_statements_fleet_month UNIQUE (fleet, month)
);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE INDEX ix_platform_outbox_state_lane_number ON platform_outbox (state, lane, number);
CREATE INDEX ix_platform_outbox_key_state ON platform_outbox ("key", state);
CREATE INDEX ix_platform_receipts_message ON platform_receipts (message);
CREATE INDEX ix_orders_at ON orders (at);
CREATE INDEX ix_orders_fleet_at ON orders (fleet, at);
CREATE INDEX ix_corrections_swap ON corrections (swap);
CREATE INDEX ix_entries_fleet_at ON entries (fleet, at);
CREATE INDEX ix_complaints_state ON complaints (state);
CREATE INDEX ix_fleet_bookings_fleet_number ON fleet_bookings (fleet, number);
CREATE INDEX ix_fleet_bookings_state ON fleet_bookings (state);
CREATE INDEX ix_fleet_bookings_hold ON fleet_bookings (hold);
CREATE INDEX ix_fleet_bookings_swap ON fleet_bookings (swap);
CREATE INDEX ix_fleet_bookings_vin_state ON fleet_bookings (vin, state);
CREATE INDEX ix_fleet_events_fleet_number ON fleet_events (fleet, number);
CREATE UNIQUE INDEX uq_known_trucks_plate ON known_trucks (plate) WHERE plate != '';
CREATE UNIQUE INDEX uq_known_trucks_rfid ON known_trucks (rfid) WHERE rfid != '';
CREATE INDEX ix_queue_entries_state ON queue_entries (state);
COMMIT;
