-- A few rows for a shop that is run by hand; drills bring their own seed. Loaded between
-- tables.sql and constraints.sql. Ids come from the sequences, as they do for real rows.
INSERT INTO customers (email, full_name, locale) VALUES
    ('ada@example.com', 'Ada Byron', 'en_GB'),
    ('grace@example.com', 'Grace Murray', 'en_US'),
    ('jürgen@example.com', 'Jürgen Groß', 'de_DE');

INSERT INTO addresses (customer_id, kind, street, city, postcode, country)
    SELECT customer_id, 'shipping', '1 Example Street', 'Exampleton', '12345', 'GB' FROM customers;

INSERT INTO crm.preferences (customer_id, settings, interests)
    SELECT customer_id, '{"newsletter": false}', '{garden}' FROM customers;

INSERT INTO products (sku, name, description, price, weight_grams, tags) VALUES
    ('LAMP-001', 'Storm lantern', 'Burns on when the grid does not.', 24.90, 850, '{light,outdoor}'),
    ('STOV-001', 'Camping stove', 'One burner, folds flat.', 39.00, 1200, '{kitchen,outdoor}'),
    ('RADI-001', 'Crank radio', 'A minute of cranking plays for half an hour.', 29.50, 400, '{radio}'),
    ('CAND-012', 'Dozen candles', 'Plain, white, eight hours each.', 6.17, 900, '{light}'),
    ('BLAN-001', 'Wool blanket', 'Warm when wet.', 54.00, 1800, '{textile}');

INSERT INTO inventory (product_id, stock) SELECT product_id, 100 FROM products;

INSERT INTO reviews (product_id, customer_id, rating, body) VALUES
    (1, 1, 5, 'Lit the whole kitchen.'),
    (1, 2, 4, 'Bright enough to read by.'),
    (3, 3, 5, 'Läuft und läuft.');
