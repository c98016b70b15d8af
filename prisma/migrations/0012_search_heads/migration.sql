-- What is alike shares words of the head; without an index the heads of all that have the words anywhere were read.
CREATE INDEX search_document_head ON search_document USING gin (head);
