import { InvalidError, is } from '../../errors.ts'
import { unread } from '../open-file.ts'
import { peerMissing } from '../peer.ts'

/**
 * Parsers of headers, which libraries do in JavaScript. They run in the process with bounded memory, because a header
 * may promise anything.
 */

type Tags = { readonly [name: string]: string }

/** The camera and time that a picture says of itself, as far as it does. */
export async function exifOf({ bytes }: { readonly bytes: Uint8Array }): Promise<object> {
  const { parse } = await import('exifr').catch(peerMissing('the camera and time of a picture', 'exifr'))
  try {
    const pick = ['Make', 'Model', 'DateTimeOriginal', 'CreateDate']
    const tags = (await parse(Buffer.from(bytes), { pick, reviveValues: false, translateValues: false })) ?? {}
    return pictureTags(tags as { readonly [name: string]: unknown })
  } catch (error) {
    if (is(error, 'InvalidError')) throw error
    // pictures without such data, and damaged data, are alike
    return {}
  }
}

function pictureTags(tags: { readonly [name: string]: unknown }): object {
  const text = (name: string) => (typeof tags[name] === 'string' ? clean(tags[name]) : undefined)
  const [make, model] = [text('Make'), text('Model')]
  const camera = model?.startsWith(make ?? ' ') ? model : [make, model].filter(Boolean).join(' ')
  const taken = (text('DateTimeOriginal') ?? text('CreateDate'))?.replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3T')
  return {
    ...(camera && { camera }),
    ...(taken && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(taken) && { takenAt: taken }),
  }
}

const MAX_TAG = 200
const clean = (text: string) =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_TAG)

/** A container of sound or film, as its headers say. Seconds and pixels are numbers, tags are texts. */
export type ParsedContainer = {
  readonly container: string
  readonly seconds: number
  readonly tags: Tags
  readonly tracks: readonly ParsedTrack[]
}
type ParsedTrack = {
  readonly type: string
  readonly codec?: string
  readonly language?: string
  readonly width?: number
  readonly height?: number
  readonly sampleRate?: number
  readonly channels?: number
  readonly rate?: number
}

/** Packets from which the rate of a track is computed. */
const RATED_PACKETS = 50

/** Reads the headers of a container, in ranges. Nothing is decoded. */
export async function containerOf({ path }: { readonly path: string }): Promise<ParsedContainer> {
  const media = await import('mediabunny').catch(peerMissing('sound and film', 'mediabunny'))
  const { MP4, QTFF, MATROSKA, WEBM, MP3, WAVE, OGG, ADTS, FLAC } = media
  // no format that names other files
  const formats = [MP4, QTFF, MATROSKA, WEBM, MP3, WAVE, OGG, ADTS, FLAC]
  const input = new media.Input({ formats, source: new media.FilePathSource(path) })
  try {
    const container = (await input.getFormat()).name
    const seconds = await input.computeDuration()
    if (!(seconds > 0)) throw unread('it is damaged or cut off: it has no length', 'bad_value')
    const tracks = await Promise.all((await input.getTracks()).slice(0, MAX_TRACKS).map(trackOf))
    return {
      container,
      seconds: Math.round(seconds * 1000) / 1000,
      tags: tagsOf(await input.getMetadataTags()),
      tracks,
    }
  } catch (error) {
    if (is(error) || error instanceof InvalidError) throw error
    throw unread(`it is damaged, or no container that is read here (${clean((error as Error).message)})`, 'bad_value')
  } finally {
    input.dispose()
  }
}

const MAX_TRACKS = 32

type Track = Awaited<ReturnType<InstanceType<typeof import('mediabunny').Input>['getTracks']>>[number]

async function trackOf(track: Track): Promise<ParsedTrack> {
  const language = track.languageCode === 'und' ? {} : { language: track.languageCode }
  const common = { type: track.type, ...(track.codec && { codec: track.codec }), ...language }
  if (track.isAudioTrack()) return { ...common, sampleRate: track.sampleRate, channels: track.numberOfChannels }
  if (!track.isVideoTrack()) return common
  const { averagePacketRate } = await track.computePacketStats(RATED_PACKETS)
  const rate = Math.round(averagePacketRate * 100) / 100
  return { ...common, width: track.displayWidth, height: track.displayHeight, rate }
}

const TAGS = ['title', 'artist', 'album', 'genre', 'comment', 'description', 'lyrics'] as const

function tagsOf(found: { readonly [name: string]: unknown }): Tags {
  const named = TAGS.flatMap((name) => (typeof found[name] === 'string' ? [[name, clean(found[name])] as const] : []))
  const { date } = found
  return Object.fromEntries([...named, ...(date instanceof Date ? [['date', date.toISOString().slice(0, 10)]] : [])])
}

/** The headers of a model file. */
export async function weightsOf({
  type,
  ...file
}: {
  readonly path: string
  readonly type: string
  readonly bytes: number
}) {
  if (type === 'application/x-gguf') return (await import('./weights/gguf.ts')).ggufFacts(file)
  const headers = await import('./weights/headers.ts')
  return type === 'application/x-safetensors' ? headers.safetensorsFacts(file) : headers.onnxFacts(file)
}
