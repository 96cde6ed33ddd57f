import { hash } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { InvalidError, problemOf } from '../../errors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { readPlainFileNow } from '../../lib/encoding/plain-file.ts'
import { present } from '../../lib/json/present.ts'
import type { ReplyForm } from './reply-form.ts'
import { type RequestForm, sorted } from './request-form.ts'

/** A request with its reply. `id` is the beginning of the hash of the request. */
export type RecordedEntry = {
  readonly id: string
  /** the model that replied */
  readonly model: string
  readonly request: RequestForm
  readonly reply: ReplyForm
}

/** A request in the file: whole, or what follows an earlier entry with the same tools and settings. */
type StoredEntry = Omit<RecordedEntry, 'request'> & { readonly request: RequestForm & { readonly follows?: string } }

/** The file of recorded replies. One process has one for each path. */
export interface Recording {
  readonly file: string
  entries(): readonly RecordedEntry[]
  find(request: RequestForm): RecordedEntry | undefined
  /** The line of the file that an entry begins at. */
  lineOf(id: string): number | undefined
  /** Adds an entry, and removes those that it replaces. It is in the file when this resolves. */
  add(entry: Omit<RecordedEntry, 'id'>, replaces: (entry: RecordedEntry) => boolean): Promise<void>
}

const FORMAT = 1
const ID_LENGTH = 10

const opened = new Map<string, Recording>()

/** The recording in a file, which need not exist. InvalidError `invalid_recording` when it cannot be read. */
export const openRecording = (path: string): Recording => getOrInsert(opened, resolve(path), createRecording)

function createRecording(file: string): Recording {
  let entries: Map<string, RecordedEntry> | undefined
  let text = ''
  let written = Promise.resolve()
  const removed = new Set<string>()
  const read = () => {
    if (entries) return entries
    text = textOf(file)
    entries = text === '' ? new Map() : readEntries(file, text)
    return entries
  }
  return {
    file,
    entries: () => [...read().values()],
    find: (request) => read().get(keyOf(request)),
    lineOf(id) {
      const at = text.indexOf(`"id": ${JSON.stringify(id)}`)
      return at < 0 ? undefined : text.slice(0, at).split('\n').length
    },
    add(given, replaces) {
      const key = keyOf(given.request)
      const entry = { ...given, id: key.slice(0, ID_LENGTH) }
      const known = read()
      // one that is recorded again stays at its place
      if (!known.has(key)) removed.delete(key)
      known.set(key, entry)
      for (const [other, one] of known)
        if (other !== key && replaces(one)) {
          known.delete(other)
          removed.add(other)
        }
      written = written.then(async () => {
        // another process may have added some
        const there = textOf(file)
        for (const [other, one] of there === '' || there === text ? [] : readEntries(file, there))
          if (!known.has(other) && !removed.has(other)) known.set(other, one)
        text = textFor([...known.values()])
        await replaceFile(file, text)
      })
      return written
    },
  }
}

/** Requests are equal if the model reads the same. */
export const keyOf = (request: RequestForm): string => hash('sha256', JSON.stringify(sorted(request)), 'hex')

function textOf(file: string): string {
  try {
    return String(readPlainFileNow(file, Number.MAX_SAFE_INTEGER))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw wrongFile(file, problemOf(error).message)
  }
}

function readEntries(file: string, text: string): Map<string, RecordedEntry> {
  const found = new Map<string, RecordedEntry>()
  const byId = new Map<string, RecordedEntry>()
  for (const { request, ...rest } of storedIn(file, text)) {
    const { follows, ...own } = request
    const before = follows === undefined ? undefined : byId.get(follows)
    if (follows !== undefined && !before)
      throw wrongFile(file, `the entry ${rest.id} follows ${follows}, which is not before it`)
    const { tools, settings, messages } = { ...before?.request, ...own }
    const all = before ? [...before.request.messages, ...own.messages] : messages
    const whole: RequestForm = { messages: all, ...present({ tools, settings }) }
    const entry = { ...rest, request: whole }
    found.set(keyOf(whole), entry)
    byId.set(rest.id, entry)
  }
  return found
}

function storedIn(file: string, text: string): readonly StoredEntry[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw wrongFile(file, problemOf(error).message)
  }
  const { antiphonRecording, replies } = (value ?? {}) as { antiphonRecording?: unknown; replies?: unknown }
  if (antiphonRecording !== FORMAT || !Array.isArray(replies)) {
    const found = antiphonRecording === undefined ? 'another file' : `format ${antiphonRecording}`
    throw wrongFile(file, `expected a recording of format ${FORMAT}, got ${found}`)
  }
  const wrong = replies.findIndex((one) => !isEntry(one))
  if (wrong >= 0) throw wrongFile(file, `replies[${wrong}] lacks its id, request or reply`)
  return replies as readonly StoredEntry[]
}

function isEntry(one: Partial<StoredEntry> | null): boolean {
  return typeof one?.id === 'string' && Array.isArray(one.request?.messages) && Array.isArray(one.reply?.content)
}

const wrongFile = (file: string, what: string) =>
  new InvalidError(`The recording ${basename(file)} cannot be read: ${what}`, {
    code: 'invalid_recording',
    place: { file },
    hint: 'Correct the file, or delete it and record again.',
  })

function textFor(entries: readonly RecordedEntry[]): string {
  const stored = entries.map((entry, place) => toStored(entry, entries.slice(0, place)))
  return `${JSON.stringify({ antiphonRecording: FORMAT, replies: stored }, null, 2)}\n`
}

/** The entry, without the messages that an earlier one has. */
function toStored({ request, ...entry }: RecordedEntry, earlier: readonly RecordedEntry[]): StoredEntry {
  const { messages, ...rest } = request
  const settings = JSON.stringify(rest)
  const texts = messages.map((message) => JSON.stringify(message))
  const begins = ({ messages: before, ...others }: RequestForm) =>
    before.length < texts.length &&
    JSON.stringify(others) === settings &&
    before.every((message, at) => JSON.stringify(message) === texts[at])
  const [longest] = earlier
    .filter((other) => begins(other.request))
    .toSorted((one, other) => other.request.messages.length - one.request.messages.length)
  if (!longest) return { id: entry.id, model: entry.model, request, reply: entry.reply }
  const own = { follows: longest.id, messages: messages.slice(longest.request.messages.length) }
  return { id: entry.id, model: entry.model, request: own as StoredEntry['request'], reply: entry.reply }
}

/** A kill leaves the old text or the new one, and never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.draft`)
  await mkdir(dirname(file), { recursive: true })
  try {
    const handle = await open(draft, 'w')
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** The texts of all people in a request: requests that differ in them belong to different tests. */
export const signatureOf = ({ messages }: { readonly messages: readonly JsonObject[] }): string =>
  JSON.stringify(messages.flatMap(({ user }) => (user === undefined ? [] : [user])))
