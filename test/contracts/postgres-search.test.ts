import { describe } from 'vitest';
import { createPostgresEngine } from '../../server/search/engines/postgres/postgres-engine.ts';
import { testDatabase } from '../support/database.ts';
import { searchEngineSuite } from './search-engine-suite.ts';

const database = await testDatabase();

describe('search in PostgreSQL', () => {
  searchEngineSuite(database, async () => createPostgresEngine(database.pool));
});
