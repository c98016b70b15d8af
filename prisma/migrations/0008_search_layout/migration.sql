-- A word that is everywhere makes a search read nearly every row. So rows stay short: the words lie beside them, where
-- only ranking and phrases read them, and what filters read stays in the row, not packed.
ALTER TABLE search_document SET (toast_tuple_target = 600);
ALTER TABLE search_document
  ALTER COLUMN head SET STORAGE EXTERNAL,
  ALTER COLUMN audience SET STORAGE MAIN,
  ALTER COLUMN facets SET STORAGE MAIN,
  ALTER COLUMN pairs SET STORAGE MAIN,
  ALTER COLUMN sets SET STORAGE MAIN;
