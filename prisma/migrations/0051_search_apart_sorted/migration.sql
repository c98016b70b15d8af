-- As the other indexes of search (0044): each search reads what isn't sorted in yet, so that stays short.
ALTER INDEX search_document_apart SET (gin_pending_list_limit = 64);
