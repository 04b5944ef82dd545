-- Every class of object that PostgreSQL has, most of them in the form in which a restore changes how they read.
-- Applied once to the shop's own database, after `database.sql`, before the seed is fingerprinted and backed up.
CREATE SCHEMA zoo;
COMMENT ON SCHEMA zoo IS 'one of each';
GRANT USAGE ON SCHEMA zoo TO zoo_reader, zoo_writer;

CREATE EXTENSION postgres_fdw SCHEMA zoo;
COMMENT ON EXTENSION postgres_fdw IS 'never connects to anything';

-- Types. The check of `grade` reads otherwise once it has been restored.
CREATE TYPE zoo.mood AS ENUM ('glad', 'sad');
ALTER TYPE zoo.mood ADD VALUE 'so so' BEFORE 'sad';
CREATE TYPE zoo.size AS (width numeric(5, 1), height numeric(5, 1), unit text COLLATE "C");
CREATE TYPE zoo.span AS RANGE (subtype = date, multirange_type_name = zoo.spans);
CREATE DOMAIN zoo.grade AS varchar(10) DEFAULT 'common' NOT NULL
    CONSTRAINT grade_known CHECK (VALUE IN ('common', 'rare', 'lost'));
CREATE DOMAIN zoo.code AS text COLLATE "C" CONSTRAINT code_form CHECK (VALUE ~ '^[A-Z]+$');
CREATE TYPE zoo.raw;
CREATE FUNCTION zoo.raw_in(cstring) RETURNS zoo.raw LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION zoo.raw_out(zoo.raw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE zoo.raw (INPUT = zoo.raw_in, OUTPUT = zoo.raw_out, LIKE = text);
COMMENT ON TYPE zoo.mood IS 'of an animal';
REVOKE USAGE ON TYPE zoo.mood FROM public;
GRANT USAGE ON TYPE zoo.mood TO zoo_writer;

CREATE COLLATION zoo.bytes FROM "C";
CREATE COLLATION zoo.points (provider = builtin, locale = 'C.UTF-8');

-- Functions.
CREATE FUNCTION zoo.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEW;
END
$$;
CREATE FUNCTION zoo.is_wild(kind varchar, ask text DEFAULT 'politely') RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN kind IN ('lion', 'wolf');
CREATE FUNCTION zoo.secrets() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    COST 7 AS 'SELECT count(*) FROM pg_class';
CREATE FUNCTION zoo.backwards(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    RETURN btint4cmp($2, $1);
CREATE PROCEDURE zoo.feed(times integer) LANGUAGE plpgsql AS $$ BEGIN PERFORM times; END $$;
CREATE AGGREGATE zoo.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', PARALLEL = SAFE);
CREATE FUNCTION zoo.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER zoo_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE VIEW')
    EXECUTE FUNCTION zoo.on_ddl();
REVOKE EXECUTE ON FUNCTION zoo.secrets() FROM public;
GRANT EXECUTE ON FUNCTION zoo.secrets() TO zoo_reader;
COMMENT ON FUNCTION zoo.touch() IS 'does nothing';

CREATE FUNCTION zoo.mood_number(zoo.mood) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    RETURN CASE $1 WHEN 'glad' THEN 1 ELSE 0 END;
CREATE CAST (zoo.mood AS integer) WITH FUNCTION zoo.mood_number(zoo.mood) AS ASSIGNMENT;
CREATE OPERATOR zoo.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, COMMUTATOR = OPERATOR(zoo.===));
CREATE OPERATOR CLASS zoo.backwards_ops FOR TYPE integer USING btree AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <,
    FUNCTION 1 zoo.backwards(integer, integer);
CREATE FUNCTION zoo.language_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE zoo_language HANDLER zoo.language_handler;
CREATE ACCESS METHOD zoo_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TEXT SEARCH DICTIONARY zoo.words (TEMPLATE = simple, accept = 'false');
CREATE TEXT SEARCH CONFIGURATION zoo.search (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION zoo.search ALTER MAPPING FOR word WITH zoo.words, simple;

-- A table with one of everything, and a gap where a column was.
CREATE TABLE zoo.animals (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gone      text,
    name      text NOT NULL COLLATE "C",
    kind      varchar(20) NOT NULL DEFAULT 'cat' CONSTRAINT kind_known CHECK (kind IN ('cat', 'dog', 'lion', 'wolf')),
    mood      zoo.mood DEFAULT 'glad',
    grade     zoo.grade,
    dimension zoo.size,
    stay      zoo.span,
    weight    numeric(6, 2) CONSTRAINT weight_positive CHECK (weight > 0),
    tame      boolean GENERATED ALWAYS AS (kind IN ('cat', 'dog')) STORED,
    story     text STORAGE EXTERNAL COMPRESSION pglz,
    parent    integer,
    seen_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT parent_fkey FOREIGN KEY (parent) REFERENCES zoo.animals DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT one_a_stay EXCLUDE USING gist (stay WITH &&) WHERE (kind IN ('lion', 'wolf'))
) WITH (fillfactor = 80, toast.autovacuum_enabled = false);
ALTER TABLE zoo.animals DROP COLUMN gone;
ALTER TABLE zoo.animals ALTER weight SET STATISTICS 500, ALTER kind SET (n_distinct = 4);
ALTER TABLE zoo.animals ADD CONSTRAINT name_short CHECK (length(name) < 40) NOT VALID;
INSERT INTO zoo.animals (name, kind, weight, parent, stay) VALUES
    ('Tom', 'cat', 4.50, NULL, NULL), ('Rex', 'dog', 21.25, 1, NULL), ('Leo', 'lion', 190, NULL, '[2026-01-01,2026-02-01)');
CREATE INDEX animals_wild_idx ON zoo.animals (lower(name), weight DESC NULLS LAST) INCLUDE (mood)
    WHERE kind IN ('lion', 'wolf');
CREATE UNIQUE INDEX animals_name_idx ON zoo.animals (name) NULLS NOT DISTINCT WITH (fillfactor = 70);
CREATE INDEX animals_backwards_idx ON zoo.animals (id zoo.backwards_ops);
ALTER TABLE zoo.animals CLUSTER ON animals_name_idx;
ALTER TABLE zoo.animals REPLICA IDENTITY USING INDEX animals_name_idx;
CREATE TRIGGER touched AFTER UPDATE ON zoo.animals FOR EACH ROW
    WHEN (old.kind IN ('cat', 'dog') AND new.* IS DISTINCT FROM old.*) EXECUTE FUNCTION zoo.touch();
CREATE TRIGGER never BEFORE DELETE ON zoo.animals FOR EACH ROW EXECUTE FUNCTION zoo.touch();
ALTER TABLE zoo.animals DISABLE TRIGGER never;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON zoo.animals DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION zoo.touch();
ALTER TABLE zoo.animals ENABLE ALWAYS TRIGGER late;
CREATE STATISTICS zoo.animals_stats (ndistinct, dependencies) ON kind, mood FROM zoo.animals;
CREATE STATISTICS zoo.animals_tame_stats ON (kind IN ('cat', 'dog')), weight FROM zoo.animals;
ALTER STATISTICS zoo.animals_stats SET STATISTICS 200;
ALTER TABLE zoo.animals ENABLE ROW LEVEL SECURITY;
CREATE POLICY animals_tame ON zoo.animals FOR SELECT TO zoo_reader USING (kind IN ('cat', 'dog'));
CREATE POLICY animals_own ON zoo.animals AS RESTRICTIVE TO zoo_writer USING (true) WITH CHECK (weight > 1);
GRANT SELECT ON zoo.animals TO zoo_reader WITH GRANT OPTION;
GRANT SELECT, INSERT, UPDATE (name, weight) ON zoo.animals TO zoo_writer;
COMMENT ON TABLE zoo.animals IS 'who lives here';
COMMENT ON COLUMN zoo.animals.name IS 'what it is called';
COMMENT ON CONSTRAINT kind_known ON zoo.animals IS 'reads otherwise once restored';
COMMENT ON INDEX zoo.animals_wild_idx IS 'of lions and wolves';
COMMENT ON TRIGGER touched ON zoo.animals IS 'in vain';
COMMENT ON POLICY animals_tame ON zoo.animals IS 'no lions';

-- Views over it, and rules.
CREATE VIEW zoo.tame_animals WITH (security_barrier = true) AS
    SELECT id, name, kind FROM zoo.animals WHERE kind IN ('cat', 'dog') WITH LOCAL CHECK OPTION;
ALTER VIEW zoo.tame_animals ALTER COLUMN kind SET DEFAULT 'dog';
ALTER VIEW zoo.tame_animals OWNER TO zoo_writer;
CREATE VIEW zoo.tame_names AS SELECT name FROM zoo.tame_animals WHERE name <> '' ORDER BY name COLLATE "C";
CREATE MATERIALIZED VIEW zoo.census AS SELECT kind, count(*) AS heads FROM zoo.animals
    WHERE kind IN ('cat', 'dog', 'lion') GROUP BY kind;
CREATE UNIQUE INDEX census_kind_idx ON zoo.census (kind);
CREATE MATERIALIZED VIEW zoo.not_yet AS SELECT id FROM zoo.animals WITH NO DATA;
CREATE TABLE zoo.notes (id bigserial PRIMARY KEY, kind varchar(10), note text);
CREATE RULE no_secrets AS ON UPDATE TO zoo.notes WHERE new.kind IN ('secret', 'hidden') DO INSTEAD NOTHING;
CREATE RULE keep_notes AS ON DELETE TO zoo.notes DO INSTEAD UPDATE zoo.notes SET note = NULL WHERE id = old.id;
ALTER TABLE zoo.notes DISABLE RULE keep_notes;
ALTER TABLE zoo.notes OWNER TO zoo_writer;
INSERT INTO zoo.notes (kind, note) VALUES ('plain', 'one'), ('plain', 'two');

-- Partitions of partitions, with foreign keys from and to them.
CREATE TABLE zoo.sales (
    sale_id bigint GENERATED BY DEFAULT AS IDENTITY, sold_on date NOT NULL, animal integer REFERENCES zoo.animals,
    amount numeric, PRIMARY KEY (sold_on, sale_id)
) PARTITION BY RANGE (sold_on);
CREATE TABLE zoo.sales_2025 PARTITION OF zoo.sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE zoo.sales_2026 PARTITION OF zoo.sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
    PARTITION BY RANGE (sold_on);
CREATE TABLE zoo.sales_2026_q1 PARTITION OF zoo.sales_2026 FOR VALUES FROM ('2026-01-01') TO ('2026-04-01');
CREATE TABLE zoo.sales_other PARTITION OF zoo.sales DEFAULT;
CREATE TABLE zoo.logs (kind text, said text) PARTITION BY LIST (lower(kind));
CREATE TABLE zoo.logs_known PARTITION OF zoo.logs FOR VALUES IN ('cat', 'dog');
CREATE TABLE zoo.refunds (
    refund_id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT 10 START 100), sold_on date, sale_id bigint,
    CONSTRAINT refunds_sale_fkey FOREIGN KEY (sold_on, sale_id) REFERENCES zoo.sales ON DELETE CASCADE
);
CREATE INDEX sales_animal_idx ON zoo.sales (animal);
CREATE TRIGGER sold BEFORE INSERT ON zoo.sales FOR EACH ROW EXECUTE FUNCTION zoo.touch();
INSERT INTO zoo.sales (sold_on, animal, amount) VALUES
    ('2025-05-01', 1, 10), ('2026-02-01', 2, 20.5), ('2030-01-01', NULL, 3);
INSERT INTO zoo.refunds (sold_on, sale_id) VALUES ('2025-05-01', 1);

-- Tables of other shapes.
CREATE TABLE zoo.places (place_id serial PRIMARY KEY, title text);
CREATE TABLE zoo.cages (bars integer NOT NULL) INHERITS (zoo.places);
ALTER TABLE zoo.places ADD opened date;  -- a restore moves it to where the inherited columns are
INSERT INTO zoo.places (title) VALUES ('gate');
INSERT INTO zoo.cages (title, bars) VALUES ('tower', 12);
CREATE TABLE zoo.boxes OF zoo.size (width WITH OPTIONS NOT NULL);
CREATE TABLE zoo.pair (a integer, b integer);
CREATE TABLE zoo.nothing ();
CREATE UNLOGGED TABLE zoo.scratch (id bigint GENERATED ALWAYS AS IDENTITY, what text);
INSERT INTO zoo.scratch (what) VALUES ('paper');
CREATE TABLE zoo."Odd ""name"". – ü" ("a.b" integer CONSTRAINT "a → b" CHECK ("a.b" <> 0), "select" text DEFAULT 'it''s');
CREATE INDEX "Odd index" ON zoo."Odd ""name"". – ü" (("a.b" + 1));
ALTER TABLE zoo."Odd ""name"". – ü" REPLICA IDENTITY FULL;
CREATE TABLE zoo.explicit (n integer);
GRANT ALL ON zoo.explicit TO shop;
CREATE TABLE zoo.closed (n integer);
REVOKE ALL ON zoo.closed FROM shop;
ALTER TABLE zoo.closed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- Sequences that count down, in a circle, in blocks; one that a default asks without owning it.
CREATE SEQUENCE zoo.down INCREMENT -1;
CREATE TABLE zoo.countdown (n bigint PRIMARY KEY DEFAULT nextval('zoo.down'));
ALTER SEQUENCE zoo.down OWNED BY zoo.countdown.n;
INSERT INTO zoo.countdown DEFAULT VALUES;
INSERT INTO zoo.countdown DEFAULT VALUES;
CREATE SEQUENCE zoo.circle MAXVALUE 3 CYCLE;
SELECT nextval('zoo.circle'), nextval('zoo.circle'), nextval('zoo.circle'), nextval('zoo.circle');
CREATE SEQUENCE zoo.blocks AS integer CACHE 20;
SELECT nextval('zoo.blocks');
CREATE SEQUENCE zoo.ticket_numbers START 1000;
CREATE TABLE zoo.tickets (number bigint PRIMARY KEY DEFAULT nextval('zoo.ticket_numbers'), price numeric);
INSERT INTO zoo.tickets (price) VALUES (8), (12);
GRANT USAGE ON SEQUENCE zoo.ticket_numbers TO zoo_writer;

-- Replication and foreign data; nothing of it connects.
CREATE PUBLICATION zoo_published FOR TABLE zoo.animals (id, name) WHERE (weight > 2), zoo.tickets
    WITH (publish = 'insert');
CREATE PUBLICATION zoo_schema FOR TABLES IN SCHEMA zoo WITH (publish = 'truncate', publish_via_partition_root = true);
CREATE FOREIGN DATA WRAPPER zoo_wrapper OPTIONS (debug 'true');
CREATE SERVER zoo_elsewhere TYPE 'shop' VERSION '1' FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host '127.0.0.1', port '1', dbname 'elsewhere');
CREATE USER MAPPING FOR zoo_reader SERVER zoo_elsewhere OPTIONS (user 'guest', password 'not-in-any-report');
CREATE FOREIGN TABLE zoo.elsewhere (id integer OPTIONS (column_name 'number'), note text) SERVER zoo_elsewhere
    OPTIONS (table_name 'notes');
GRANT USAGE ON FOREIGN SERVER zoo_elsewhere TO zoo_reader;
GRANT USAGE ON FOREIGN DATA WRAPPER zoo_wrapper TO zoo_writer;

SELECT lo_from_bytea(424242, '\x00c0ffee');
ALTER LARGE OBJECT 424242 OWNER TO zoo_writer;
GRANT SELECT ON LARGE OBJECT 424242 TO zoo_reader;
COMMENT ON LARGE OBJECT 424242 IS 'a picture';

ALTER DEFAULT PRIVILEGES FOR ROLE zoo_writer IN SCHEMA zoo GRANT SELECT ON TABLES TO zoo_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_writer REVOKE EXECUTE ON FUNCTIONS FROM public;
