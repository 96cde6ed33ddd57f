import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type RestateClient, type ServerAddresses } from '../client/client.ts'
import { sqlText } from './mail.ts'

/** ms: longer than a message takes between two partitions of the server. A message in transit is in neither of them. */
const MAIL_SETTLE_MS = 2_000

/** `isWhole`: finds each reference that exists during the whole search. Otherwise those that move may be missed. */
type SearchOptions = { readonly isWhole: boolean; readonly signal: AbortSignal }

/** Finds everything on a server that looks like the hash of a blob, in all applications. */
export async function findReferences(
  server: ServerAddresses,
  { isWhole, signal }: SearchOptions,
): Promise<ReadonlySet<string>> {
  const client = createClient(server)
  const found = new Set<string>()
  const collect = async (texts: AsyncIterable<string>) => {
    for await (const text of texts) {
      signal.throwIfAborted()
      for (const [hash] of text.matchAll(HASH_PATTERN)) found.add(hash)
    }
  }
  // a hash moves from a journal through mail to a state; the retry of a dead letter moves it from a state to mail
  if (isWhole) await collect(readStates(client))
  await collect(readJournals(client))
  if (isWhole) {
    await sleep(MAIL_SETTLE_MS, undefined, { signal })
    await collect(readJournals(client))
  }
  await collect(readStates(client))
  return found
}

const HASH_PATTERN = /[0-9a-f]{64}/g

/** Reads only the hashes in states, parts and events. */
async function* readStates(client: RestateClient): AsyncGenerator<string> {
  const rows = await client.query(
    `select distinct regexp_replace(value_utf8, '(?s).*?([0-9a-f]{64}|$)', '\${1} ', 'g') as hashes
     from state where regexp_like(value_utf8, '[0-9a-f]{64}')`,
  )
  for (const { hashes } of rows) yield String(hashes)
}

const REFERENCE_PAGE_SIZE = 2_000

/** Reads the hashes in open invocations: inputs, outcomes of effects, and outgoing messages, as raw journal bytes. */
async function* readJournals(client: RestateClient): AsyncGenerator<string> {
  for (let after = 'true'; ; ) {
    const rows = await client.query(
      `select id, index, encode(raw, 'base64') as raw from sys_journal
       where ${after} and regexp_like(encode(raw, 'hex'), '(3[0-9]|6[1-6]){64}') order by id, index limit ${REFERENCE_PAGE_SIZE}`,
    )
    for (const { raw } of rows) yield Buffer.from(String(raw), 'base64').toString('latin1')
    if (rows.length < REFERENCE_PAGE_SIZE) return
    const { id, index } = rows.at(-1)!
    after = `(id > ${sqlText(id)} or id = ${sqlText(id)} and index > ${index})`
  }
}
