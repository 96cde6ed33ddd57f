// Mastra's LibSQLVector: vectors with metadata in a libSQL file of its own
import { LibSQLVector } from '@mastra/libsql'

/** Opens an index of vectors of that length. */
export async function openVectors(path, dimension) {
  const store = new LibSQLVector({ id: 'bench', url: `file:${path}` })
  await store.createIndex({ indexName: 'records', dimension })
  return {
    add: (records) =>
      store.upsert({
        indexName: 'records',
        vectors: records.map(({ vector }) => [...vector]),
        metadata: records.map(({ text }) => ({ text })),
      }),
    nearest: ({ vector }) => store.query({ indexName: 'records', queryVector: [...vector], topK: 10 }),
  }
}
