import { defineConfig } from 'prisma/config';

// `prisma generate` and `prisma validate` never run the native schema engine, but the CLI insists on
// having one and would download it. Any existing file satisfies the check, so a closed network works.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: 'prisma/schema.prisma' });
