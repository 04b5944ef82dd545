-- Built over loaded data: faster than keeping keys and indexes up to date row by row.
ALTER TABLE customers
    ADD PRIMARY KEY (customer_id),
    ADD CONSTRAINT customers_email_key UNIQUE (email),
    ADD CONSTRAINT customers_email_check CHECK (position('@' IN email) > 1);

ALTER TABLE addresses
    ADD PRIMARY KEY (address_id),
    ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE,
    ADD CONSTRAINT addresses_kind_check CHECK (kind IN ('billing', 'shipping'));
CREATE INDEX addresses_customer_id_idx ON addresses (customer_id);

ALTER TABLE crm.preferences
    ADD PRIMARY KEY (customer_id),
    ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;
CREATE INDEX preferences_interests_idx ON crm.preferences USING gin (interests);

CREATE INDEX page_views_viewed_at_idx ON crm.page_views USING brin (viewed_at);

ALTER TABLE products
    ADD PRIMARY KEY (product_id),
    ADD CONSTRAINT products_sku_key UNIQUE (sku),
    ADD CONSTRAINT products_price_check CHECK (price > 0);
CREATE INDEX products_tags_idx ON products USING gin (tags);
CREATE INDEX products_name_lower_idx ON products (lower(name));

ALTER TABLE inventory
    ADD PRIMARY KEY (product_id),
    ADD FOREIGN KEY (product_id) REFERENCES products,
    ADD CONSTRAINT inventory_stock_check CHECK (stock >= 0);

ALTER TABLE orders
    ADD PRIMARY KEY (order_id),
    ADD FOREIGN KEY (customer_id) REFERENCES customers,
    ADD CONSTRAINT orders_op_id_key UNIQUE (op_id),
    ADD CONSTRAINT orders_total_check CHECK (total >= 0);
CREATE INDEX orders_customer_id_idx ON orders (customer_id);
CREATE INDEX orders_open_idx ON orders (placed_at) WHERE status IN ('placed', 'paid');

ALTER TABLE order_items
    ADD PRIMARY KEY (order_id, line_no),
    ADD FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE,
    ADD FOREIGN KEY (product_id) REFERENCES products,
    ADD CONSTRAINT order_items_quantity_check CHECK (quantity > 0);
CREATE INDEX order_items_product_id_idx ON order_items (product_id);

ALTER TABLE payments
    ADD PRIMARY KEY (payment_id),
    ADD FOREIGN KEY (order_id) REFERENCES orders,
    ADD CONSTRAINT payments_op_id_key UNIQUE (op_id),
    ADD CONSTRAINT payments_card_token_check CHECK (card_token LIKE 'tok\_%');
CREATE INDEX payments_order_id_idx ON payments (order_id);

ALTER TABLE reviews
    ADD PRIMARY KEY (review_id),
    ADD FOREIGN KEY (product_id) REFERENCES products,
    ADD FOREIGN KEY (customer_id) REFERENCES customers,
    ADD CONSTRAINT reviews_rating_check CHECK (rating BETWEEN 1 AND 5);
CREATE INDEX reviews_product_id_idx ON reviews (product_id);

ALTER TABLE uploads
    ADD PRIMARY KEY (upload_id),
    ADD FOREIGN KEY (product_id) REFERENCES products,
    ADD CONSTRAINT uploads_path_key UNIQUE (path),
    ADD CONSTRAINT uploads_op_id_key UNIQUE (op_id),
    ADD CONSTRAINT uploads_sha256_check CHECK (length(sha256) = 32);
CREATE INDEX uploads_product_id_idx ON uploads (product_id);

CREATE VIEW product_catalog AS
    SELECT product_id, sku, name, description, price, tags, stock, stock > 0 AS available
    FROM products JOIN inventory USING (product_id);

-- Every change of a stock level counts: two writers that overwrite each other leave a gap.
CREATE FUNCTION inventory_count_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER inventory_version BEFORE UPDATE ON inventory
    FOR EACH ROW EXECUTE FUNCTION inventory_count_version();
