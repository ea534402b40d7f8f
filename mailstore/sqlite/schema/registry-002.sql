-- Limits of a user's own; NULL where the configuration's hold.

ALTER TABLE user ADD COLUMN quota_octets INTEGER;
ALTER TABLE user ADD COLUMN quota_messages INTEGER;
