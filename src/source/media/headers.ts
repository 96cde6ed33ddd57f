import { extname } from 'node:path'
import { extensionFor } from '../../extension/extensions.ts'
import { type ReaderRecording, type ReaderResult, unread } from '../../extension/reader.ts'
import { boundedOffload, type OffloadJob } from '../../worker/offload/offload.ts'
import type { ImageFacts, MediaFile, MediaTerms } from './reading.ts'

/** ms that a reader of headers may compute. They take a few; some that were changed would take for ever. */
const READ_MS = 10_000

const READ_JOB: OffloadJob = {
  file: new URL(`../../extension/read${extname(import.meta.url)}`, import.meta.url),
  name: 'readFile',
}

/** The headers of a recording or a film, read in the process with bounded memory. */
export async function recordingOf(file: MediaFile, terms: MediaTerms): Promise<ReaderRecording> {
  const read = await headersOf(file, terms)
  if (read.form !== 'recording') throw unread(`its reader gave ${read.form} and no recording`)
  const seconds = Math.round(read.seconds * 1000) / 1000
  if (!(seconds > 0)) throw unread('it is damaged or cut off: it has no length', 'bad_value')
  const tags = Object.entries(read.tags).map(([name, text]) => [name, clean(text)])
  return { ...read, seconds, tags: Object.fromEntries(tags), tracks: read.tracks.slice(0, MAX_TRACKS) }
}

const MAX_TRACKS = 32

/** The camera and time that a picture says of itself, as far as it does. */
export async function cameraOf(file: MediaFile, terms: MediaTerms): Promise<Pick<ImageFacts, 'camera' | 'takenAt'>> {
  const read = await headersOf(file, terms)
  if (read.form !== 'picture') throw unread(`its reader gave ${read.form} and no picture`)
  const { camera, takenAt } = read
  return {
    ...(camera && { camera: clean(camera) }),
    ...(takenAt && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(takenAt) && { takenAt }),
  }
}

async function headersOf({ name, type, path, bytes: size }: MediaFile, terms: MediaTerms): Promise<ReaderResult> {
  const extension = await extensionFor(type)
  if (extension === undefined) throw unread(`no reader knows ${type}`, 'not_supported')
  const input = { module: extension.module, file: { name, type, path, size } }
  return (await headerJob(READ_JOB, input, name, terms)) as ReaderResult
}

/** Runs a job that reads headers in the process with bounded memory. */
export const headerJob = (job: OffloadJob, input: unknown, name: string, { share, signal }: MediaTerms) =>
  boundedOffload().run(job, input, { share, deadline: READ_MS, what: `Reading ${name}`, signal })

const MAX_TAG = 200
const clean = (text: string) =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_TAG)
