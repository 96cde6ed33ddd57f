import { MAX_FOUND, WHOLE_TEXT } from '../../../agent/context/file-lines.ts'
import type { GoalFiles, PaidReading } from '../../../agent/goal/services.ts'
import { shortfallIn } from '../../../budget/shortfall.ts'
import { is } from '../../../errors.ts'
import type { MediaFiles } from '../../../file/room/media-files.ts'
import type { FilesPort } from '../../../file/room/port.ts'
import { type FileRef, isFileId, toRef } from '../../../lib/media/file-ref.ts'
import { ownerField } from '../../../lib/owner.ts'
import { transcribeInPool } from '../../../model/audio/audio-in-pool.ts'
import type { Models } from '../../../model/models.ts'
import { kindOfType } from '../../../model/request/files.ts'
import { DOCX_TYPE } from '../../../source/document.ts'
import { isMediaType } from '../../../source/media/readers.ts'
import { pagesOf } from '../../../source/pdf/pages.ts'
import type { Blobs } from '../../../store/blobs/blobs.ts'
import { createLru } from '../../../store/lru.ts'
import { paidOptions } from '../../../work/payer.ts'
import type { WorkPool } from '../../../worker/work-pool.ts'
import { NO_TRANSCRIBER, transcriberOf } from './transcriber.ts'

type Parts = {
  /** the port of files, which opens after the goals that use it */
  files(): FilesPort
  readonly values: Pick<Blobs, 'put' | 'get'>
  readonly models: Pick<Models, 'find' | 'choose' | 'reads' | 'default'>
  /** absent: no model transcribes */
  readonly transcribe: Models['transcribe'] | undefined
  pool(): WorkPool
  readonly media: MediaFiles
}

/** Bytes of a file that a model, a reader or a model that transcribes gets. */
const MAX_READ = 32 * 1024 * 1024
/** Bytes of readings that a process holds. */
const MAX_HELD = 8 * 1024 * 1024

/** The files of goals: found and read for their owners. A process reads a file once. */
export function goalFiles({ files, values, models, transcribe, pool, media }: Parts): GoalFiles {
  const held = createLru<string>(MAX_HELD)

  const nameOf = (model: string | undefined) =>
    model === undefined ? models.default.id : (models.find(model) ?? model)

  const transcriber = () => transcriberOf({ choose: models.choose, transcribe })

  /** Has a recording transcribed, once for its owner. Resolves with the model that did it. */
  async function hear(file: FileRef, owner: string | undefined, { payer, self, call }: PaidReading): Promise<string> {
    const model = transcriber()!
    const task = paidOptions(payer, self, call, `-${file.file.slice(-16)}`)
    const calls = { find: models.find, transcribe: transcribe! }
    const heard = await media.hear(file, {
      ...ownerField(owner),
      share: payer.share,
      signal: call.signal,
      hearing: { model, transcribe: (audio) => transcribeInPool(pool(), calls, { model, audio }, task) },
    })
    return heard.model
  }

  /** The reading of a picture, a recording or a film. That of a recording has its speech. */
  async function mediaText(file: FileRef, owner: string | undefined, paid: PaidReading): Promise<string> {
    const { payer, call } = paid
    const heard = isSpeech(file) ? [`Its speech was transcribed by ${await hear(file, owner, paid)}.`] : []
    const { text, gaps } = await media.document(file, { ...ownerField(owner), share: payer.share, signal: call.signal })
    return [bounded(`What a reader found in ${JSON.stringify(file.name)}`, text), ...heard, ...gaps].join('\n')
  }

  async function readingOf(file: FileRef, owner: string | undefined, paid: PaidReading): Promise<string | undefined> {
    const known = held.get(file.file)
    if (known !== undefined) return known
    const { payer, call } = paid
    try {
      const text = isDocument(file)
        ? await documentText(media, file, { ...ownerField(owner), share: payer.share, signal: call.signal })
        : await mediaText(file, owner, paid)
      held.set(file.file, text, text.length)
      return text
    } catch (error) {
      if (call.signal.aborted || !is(error) || shortfallIn(error)) throw error
      return error.terminal ? `It could not be read: ${error.message}` : undefined
    }
  }

  const find: GoalFiles['find'] = async (ids, { owner, use }) => {
    const known = await knownFiles(files(), ids, owner)
    return known.length === 0 ? [] : files().resolve(known, { ...ownerField(owner), use })
  }

  return {
    find,
    async toShow(wanted, { owner, use }) {
      const listed = isFileId(wanted) ? [] : await files().list({ ...ownerField(owner), use, limit: MAX_LISTED })
      const id = isFileId(wanted) ? wanted : listed.find(({ name }) => name === wanted)?.file
      const [file] = id === undefined ? [] : await find([id], { owner, use })
      return file && { ...file, past: await files().verdicts(owner).lastRefusal(file.file) }
    },
    verdicts: (owner) => files().verdicts(owner),
    add: async (data, name, { owner, use }) =>
      toRef(await files().add(data, { name, ...ownerField(owner), use, onWrongName: 'shorten' })),
    read: (file, owner) => files().read(file.file, { ...ownerField(owner), max: MAX_READ }),
    smallPicture: (file, bounds, owner) => media.smallPicture(file, bounds, owner),
    wayOf(file, named) {
      if (isDocument(file)) return 'read'
      const kind = kindOfType(file.type)
      if (!isMediaType(file.type) || kind === 'text') return undefined
      if (named.every((model) => models.reads(nameOf(model), kind))) return undefined
      return isSpeech(file) && transcriber() === undefined ? { lacks: NO_TRANSCRIBER } : 'read'
    },
    async readings(wanted, { owner }, paid) {
      const made: { [file: string]: string } = {}
      for (const file of wanted) {
        const text = await readingOf(file, owner, paid)
        if (text !== undefined) made[file.file] = await values.put(text)
      }
      return made
    },
    textOf: async (hash) => String(await values.get(hash)),
  }
}

/** Files of a conversation among which a name is looked up. */
const MAX_LISTED = 1000

const isSpeech = ({ type }: FileRef) => type.startsWith('audio/')

/** Documents that are packed: a text is a part of the request anyway. */
const isDocument = ({ type }: FileRef) => type === 'application/pdf' || type === DOCX_TYPE

/** The owner's files among these ids, each once. */
export async function knownFiles(
  files: Pick<FilesPort, 'get'>,
  ids: readonly string[],
  owner: string | undefined,
): Promise<readonly FileRef[]> {
  const found = [...new Set(ids)].map((id) => files.get(id, ownerField(owner)).then(toRef, unlessMissing))
  return (await Promise.all(found)).filter((file) => file !== undefined)
}

function unlessMissing(error: unknown): undefined {
  if (is(error) && error.code === 'file_not_found') return undefined
  throw error
}

async function documentText(
  media: MediaFiles,
  file: FileRef,
  options: Parameters<MediaFiles['document']>[1],
): Promise<string> {
  const { text, places, gaps } = await media.document(file, options)
  const pages = pagesOf({ text }).length
  const what = places === 'pages' ? `${pages} ${pages === 1 ? 'page' : 'pages'} of ` : ''
  return [bounded(`${WHOLE_TEXT}${what}${JSON.stringify(file.name)}`, text), ...gaps].join('\n')
}

function bounded(what: string, text: string): string {
  const isWhole = text.length <= MAX_FOUND
  const begin = isWhole ? what : `The beginning (${MAX_FOUND} of ${text.length} characters). ${what}`
  return `${begin}:\n${text.slice(0, MAX_FOUND)}`
}
