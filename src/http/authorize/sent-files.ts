import { InvalidError, is, problemOf } from '../../errors.ts'
import { ownerField } from '../../lib/owner.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'

/** A file that came with a message: its bytes, the id of a stored one, or an address in the network. */
export type SentFile = { readonly place: string; readonly name?: string } & (
  | { readonly data: Uint8Array }
  | { readonly file: string }
  | { readonly url: string }
)

/** Files of a message of a visitor, and their bytes. */
const MAX_VISITOR_FILES = 10
const MAX_VISITOR_BYTES = 20 * 1024 * 1024

/** Where a message goes: the conversation's owner and key. */
type Receiver = { readonly owner: string; readonly use: string }

/** Stores the files that came with a message for its owner, each once. Gives their ids. */
export async function storeSent(
  { files, serving }: Pick<ServedRuntime, 'files' | 'serving'>,
  sent: readonly SentFile[],
  { owner, use }: Receiver,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const one of sent) {
    if ('file' in one) ids.push(one.file)
    else {
      const { content, name } =
        'url' in one ? await fetched(serving, one.url, one.place) : { content: one.data, name: '' }
      const named = one.name ?? name
      const added = files.add(content, { ...ownerField(owner), use, ...(named !== '' && { name: named }) })
      ids.push((await added.catch((error: unknown) => refused(error, one.place))).file)
    }
  }
  return ids
}

async function fetched({ fetchFile }: Pick<ServedRuntime['serving'], 'fetchFile'>, url: string, place: string) {
  try {
    return await fetchFile(url)
  } catch (error) {
    if (!is(error)) throw error
    const { code, message, hint } = problemOf(error)
    const { host } = new URL(url)
    throw new InvalidError(`body.${place}: the file at ${host} was not fetched: ${message}`, {
      code,
      place: { path: `body.${place}` },
      hint: hint ?? 'Send the file itself, or put it to /v1/files first.',
    })
  }
}

function refused(error: unknown, place: string): never {
  if (!is(error)) throw error
  const { code, message, hint } = problemOf(error)
  if (!['file_too_large', 'file_quota', 'file_type'].includes(code)) throw error
  throw new InvalidError(`body.${place}: ${message}`, { code, place: { path: `body.${place}` }, ...(hint && { hint }) })
}

/**
 * Checks how many files a visitor sends, and how large they are together. A stored file counts as well.
 * @throws an error of code `too_large`
 */
export async function checkVisitorFiles(
  { files }: Pick<ServedRuntime, 'files'>,
  {
    sent,
    named,
    owner,
  }: { readonly sent: readonly SentFile[]; readonly named: readonly unknown[]; readonly owner: string },
): Promise<void> {
  const count = sent.length + named.length
  if (count > MAX_VISITOR_FILES)
    throw tooMany(`Expected at most ${MAX_VISITOR_FILES} files in a message, got ${count}.`)
  const ids = [...named.map(idOf), ...sent.map((one) => ('file' in one ? one.file : undefined))]
  let bytes = sent.reduce((sum, one) => sum + ('data' in one ? one.data.length : 0), 0)
  for (const id of ids) {
    if (id === undefined) continue
    // an unknown one is refused where the message is taken, with its place
    bytes += await files.get(id, ownerField(owner)).then(({ bytes: size }) => size, unlessMissing)
  }
  if (bytes > MAX_VISITOR_BYTES)
    throw tooMany(`Expected files of at most 20 MiB together in a message, got ${bytes} bytes.`)
}

const idOf = (file: unknown) => (typeof file === 'string' ? file : (file as { readonly file?: string })?.file)

function unlessMissing(error: unknown): number {
  if (is(error) && error.code === 'file_not_found') return 0
  throw error
}

const tooMany = (message: string) =>
  new InvalidError(message, { code: 'too_large', place: { path: 'files' }, hint: 'Send them in several messages.' })
