-- Every type and every shape of table that PostgreSQL has, with the values that are awkward to compare.
-- Applied once to the shop's own database, before the seed is fingerprinted and the backups are made.
CREATE SCHEMA shapes;
SET search_path = shapes, public;

CREATE TYPE mood AS ENUM ('glad', 'so so', 'sad');
CREATE DOMAIN sku AS text CHECK (VALUE ~ '^[A-Z]');
CREATE DOMAIN padded AS char(6);
CREATE TYPE money_of AS (amount numeric, currency char(3), note text);
CREATE TYPE span AS RANGE (subtype = timestamptz);
CREATE TYPE sku_span AS RANGE (subtype = text);
CREATE EXTENSION hstore SCHEMA shapes;
CREATE EXTENSION ltree SCHEMA shapes;

CREATE TABLE scalars (
    id        integer PRIMARY KEY,
    truth     boolean,
    tiny      "char",
    small     smallint,
    large     bigint,
    exact     numeric,
    single    real,
    double    double precision,
    cash      money,
    body      text,
    short     varchar(20),
    fixed     char(5),
    label     name,
    bytes     bytea,
    day       date,
    clock     time,
    clock_tz  timetz,
    moment    timestamp,
    instant   timestamptz,
    duration  interval,
    uuid      uuid,
    document  json,
    tree      jsonb,
    path      jsonpath,
    markup    xml,
    words     tsvector,
    search    tsquery,
    bits      bit(5),
    varbits   varbit,
    host      inet,
    network   cidr,
    card      macaddr,
    card8     macaddr8,
    lsn       pg_lsn,
    snapshot  pg_snapshot,
    xid       xid,
    xid8      xid8,
    place_of  tid,
    object    oid
);
INSERT INTO scalars VALUES (
    1, true, 'a', 1, 1, 1.00, 1.5, 0.1, 12.34, 'plain', 'plain', 'ab', 'label', '\x00ff10', '2026-01-02', '03:04:05.678901',
    '03:04:05+02', '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05.678901+00', '1 mon -2 days 00:00:00.000001',
    '6f1c1c1e-7d0a-4f0e-9d55-0123456789ab', '{"b": 1,  "a": [1.0, 1.00]}', '{"b": 1, "a": [1.0, 1.00]}', '$.a[*] ? (@ > 1)',
    '<a b="c">d</a>', $$'fat':2A 'cat':3,5B$$, 'fat & (cat | !rat)', B'10101', B'1', '192.168.0.1/24', '10.0.0.0/8',
    '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '16/B374D848', '10:20:10,14,15', '3', '4', '(1,2)', 16384
), (
    2, false, '', -32768, -9223372036854775808, 'NaN', '-0', '-0', -0.01, '', '', '', '', '', '-infinity', '00:00', '24:00-15:59',
    '-infinity', 'infinity', '-1 year 1 mon', '00000000-0000-0000-0000-000000000000', '""', '""', '$', NULL, '', NULL, B'00000',
    B'', '::1', '::/0', '00:00:00:00:00:00', '00:00:00:00:00:00:00:00', '0/0', '1:1:', '0', '0', '(0,0)', 0
), (
    3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
), (
    4, true, E'\\200', 32767, 9223372036854775807, 'Infinity', 'NaN', double precision 'Infinity' - double precision 'Infinity',
    92233720368547758.07, E'tab\tnewline\n\\.\n"quote" ''single'' é 漢 😀', 'trailing ', 'end', 'NULL', decode(repeat('00', 300), 'hex'),
    '4714-11-24 BC', '24:00', '23:59:59.999999+15:59', '4714-11-24 00:00 BC', '294276-12-31 23:59:59.999999+00',
    '178000000 years', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'null', 'null', '$."a b"', '<?xml version="1.0" encoding="UTF-8"?><a/>',
    $$'it''s'$$, $$'a b'$$, B'11111', B'111111111', '255.255.255.255', '2001:db8::/32', 'ff:ff:ff:ff:ff:ff',
    'ff:ff:ff:ff:ff:ff:ff:ff', 'FFFFFFFF/FFFFFFFF', '1:2:1', '4294967295', '18446744073709551615', '(4294967295,65535)', 4294967295
);

CREATE TABLE nested (
    id         integer PRIMARY KEY,
    numbers    integer[],
    texts      text[],
    grid       numeric[],
    shifted    integer[],
    doubles    double precision[],
    moods      mood[],
    mood       mood,
    code       sku,
    codes      sku[],
    pad        padded,
    price      money_of,
    prices     money_of[],
    whole      scalars,
    days       daterange,
    amounts    numrange,
    many       int4multirange,
    opening    span,
    openings   span_multirange,
    skus       sku_span,
    spot       point,
    spots      point[],
    line       line,
    piece      lseg,
    frame      box,
    way        path,
    area       polygon,
    ring       circle,
    pairs      hstore,
    branch     ltree,
    grants     aclitem,
    all_grants aclitem[],
    class      regclass,
    classes    regclass[],
    type       regtype,
    config     regconfig,
    amount     money[],
    times      timestamptz[],
    vector     int2vector,
    oids       oidvector
);
INSERT INTO nested VALUES (
    1, '{1,2,NULL}', '{a,NULL,"NULL",""}', '{{1.0,1.00},{2,NaN}}', '[0:1]={7,8}', '{-0,NaN,1e300}', '{glad,sad}', 'so so', 'A1', '{A1,B2}',
    'ab', '(1.00,EUR,"a, ""b""")', ARRAY['(1.0,EUR,)'::money_of, NULL], NULL, '[2026-01-01,2026-02-01)', '(1.0,2.00]',
    '{[1,3),[5,7)}', '["2026-01-01 00:00+00","2026-01-02 00:00+00")', '{["2026-01-01 00:00+00",)}', '[A,B)', '(1,-0)', '{"(1,2)","(3,4)"}',
    '{1,2,3}', '[(0,0),(1,1)]', '(2,2),(1,1)', '[(0,0),(1,1)]', '((0,0),(1,1),(1,0))', '<(0,0),1.5>', 'a=>1, b=>NULL, "c d"=>""',
    'top.middle.leaf', makeaclitem('pg_monitor'::regrole, 'pg_read_all_data'::regrole, 'SELECT', true),
    ARRAY[makeaclitem('pg_monitor'::regrole, 'pg_read_all_data'::regrole, 'SELECT, UPDATE', false)], 'shapes.scalars',
    '{shapes.scalars,public.orders}', 'shapes.mood', 'pg_catalog.english', '{1.5,-2}', '{"2026-01-02 03:04:05+00",-infinity}', '1 2 3', '4 5'
), (
    2, '{}', '{}', '{}', '{}', '{}', '{}', NULL, NULL, '{}', '', '(,,)', '{}', (SELECT s FROM scalars s WHERE id = 1), 'empty', '(,)', '{}',
    'empty', '{}', '(,)', '(NaN,Infinity)', '{}', '{0,1,0}', '[(0,0),(0,0)]', '(0,0),(0,0)', '((0,0),(1,1))', '((0,0))', '<(0,0),0>', '',
    '', NULL, '{}', NULL, '{}', NULL, NULL, '{}', '{}', '', ''
);
INSERT INTO nested (id) VALUES (3);

-- Shapes.
CREATE TABLE "no key" (what text, "when" timestamptz, amount numeric(12, 2));
INSERT INTO "no key" SELECT 'thing ' || n % 20, timestamptz '2026-01-01' + n * interval '1 s', n / 4.0 FROM generate_series(1, 60) n;
INSERT INTO "no key" SELECT 'twice', '2026-01-01', 1 FROM generate_series(1, 2);

CREATE TABLE unique_only (code text NOT NULL, place integer NOT NULL, body text, UNIQUE (place) INCLUDE (code));
INSERT INTO unique_only SELECT 'c' || n, n, repeat('x', n) FROM generate_series(1, 40) n;

CREATE TABLE by_uuid (id uuid PRIMARY KEY, body text);
INSERT INTO by_uuid SELECT md5(n::text)::uuid, 'row ' || n FROM generate_series(1, 50) n;

CREATE TABLE by_text (code text PRIMARY KEY, body text);
INSERT INTO by_text SELECT 'code ' || n, 'row ' || n FROM generate_series(1, 50) n;

CREATE TABLE by_pair (a integer, b integer, body text, PRIMARY KEY (a, b));
INSERT INTO by_pair SELECT n % 7 - 3, n - 20, 'row ' || n FROM generate_series(1, 50) n;

CREATE TABLE no_columns ();
INSERT INTO no_columns SELECT FROM generate_series(1, 3);
CREATE TABLE empty (id integer PRIMARY KEY, body text);

-- Names that look like each other, and names that need quotes.
CREATE SCHEMA "shapes.odd";
CREATE TABLE "shapes.odd"."table" (id integer PRIMARY KEY, "select" text);
CREATE TABLE "odd.table" (id integer PRIMARY KEY, "Camel ""Case"" %s {}" text);
INSERT INTO "shapes.odd"."table" VALUES (1, 'in the odd schema');
INSERT INTO "odd.table" VALUES (1, 'in the plain schema');

CREATE TABLE generated (id integer PRIMARY KEY, net numeric NOT NULL, gross numeric GENERATED ALWAYS AS (net * 1.19) STORED);
INSERT INTO generated (id, net) SELECT n, n FROM generate_series(1, 30) n;

CREATE TABLE dropped (id integer PRIMARY KEY, gone text, kept text);
INSERT INTO dropped SELECT n, 'gone', 'kept ' || n FROM generate_series(1, 30) n;
ALTER TABLE dropped DROP COLUMN gone, ADD COLUMN late integer DEFAULT 7;

CREATE TABLE parent (id integer PRIMARY KEY, body text);
CREATE TABLE child (extra text) INHERITS (parent);
INSERT INTO parent SELECT n, 'parent ' || n FROM generate_series(1, 20) n;
INSERT INTO child SELECT n, 'child ' || n, 'extra' FROM generate_series(1, 20) n;

CREATE TABLE parted (id integer, region text, body text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE parted_north PARTITION OF parted FOR VALUES IN ('north');
CREATE TABLE parted_south PARTITION OF parted FOR VALUES IN ('south') PARTITION BY RANGE (id);
CREATE TABLE parted_south_low PARTITION OF parted_south FOR VALUES FROM (MINVALUE) TO (100);
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT n, CASE n % 3 WHEN 0 THEN 'north' WHEN 1 THEN 'south' ELSE 'elsewhere' END, 'row ' || n
FROM generate_series(1, 60) n;

CREATE UNLOGGED TABLE unlogged (id integer PRIMARY KEY, body text);
INSERT INTO unlogged SELECT n, 'row ' || n FROM generate_series(1, 30) n;

-- Long values, compressed and not, which live beside their table.
CREATE TABLE toasted (id integer PRIMARY KEY, body text, bytes bytea STORAGE EXTERNAL);
INSERT INTO toasted SELECT n, repeat('long ' || n, 3000), decode(repeat(md5(n::text), 500), 'hex') FROM generate_series(1, 10) n;

CREATE TABLE paged (id integer PRIMARY KEY, body text);
INSERT INTO paged SELECT n, 'row ' || n || repeat('.', 60) FROM generate_series(1, 2000) n;
CREATE INDEX paged_body ON paged (body);

CREATE MATERIALIZED VIEW summary AS SELECT what, count(*) AS times, sum(amount) AS total FROM "no key" GROUP BY what;
CREATE MATERIALIZED VIEW stale AS SELECT id, unique_only.body, parent.body AS other FROM unique_only JOIN parent ON id = place;
UPDATE unique_only SET body = 'newer than the view' WHERE place = 3;
UPDATE parent SET body = 'newer than the view' WHERE id = 4;
CREATE MATERIALIZED VIEW unfilled AS SELECT id FROM parent WITH NO DATA;

-- Large objects: an ordinary one, an empty one, one with a hole, one of several pieces.
SELECT lo_from_bytea(700001, 'an ordinary large object');
SELECT lo_create(700002);
SELECT lo_create(700003);
SELECT lo_put(700003, 5000, 'after a hole');
SELECT lo_from_bytea(700004, decode(repeat(md5('pieces'), 80000), 'hex'));

RESET search_path;
