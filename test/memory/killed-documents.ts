import { openConnection } from '../../src/memory/store/connection.ts'
import { type StoredDocument, storeDocuments } from '../../src/memory/store/documents/store-documents.ts'
import { killing } from './killing.ts'

/** Adds documents in portions, replaces two and drops one, and kills itself at a moment of one of its transactions. */
const [path, moment, at] = process.argv.slice(2) as [string, 'before' | 'inside' | 'after', string]
const { connection, count } = killing(openConnection(path, 'write'), moment, Number(at))

function documentOf(name: string, version: number): StoredDocument {
  const ref = `/docs/${name}`
  const passages = Array.from({ length: 3 }, (_, place) => {
    const text = place === 0 ? `The gate of ${name}` : `Part ${place} of ${name} in version ${version}`
    return { id: `${name}-${text.length}-${place}-${place && version}`, text, heading: '', at: `L${place + 1}` }
  })
  const place = { ref, type: 'file', space: '', trusted: 1, named: 0 } as const
  return { ...place, hash: `${version}`, size: 1, mtime: version, reader: 1, reason: null, passages }
}

const cause = { type: 'import', id: '/docs' } as const
const store = (documents: readonly StoredDocument[], dropped: readonly string[], now: number) => {
  storeDocuments(connection, 'ada', { documents, dropped, checked: [], cause, askedAt: now }, now)
  process.stdout.write(`${now}\n`)
}
store([documentOf('a', 1), documentOf('b', 1)], [], 1)
store([documentOf('c', 1)], [], 2)
store([documentOf('a', 2), documentOf('b', 2)], ['/docs/c'], 3)
process.stdout.write(`done after ${count()}\n`)
