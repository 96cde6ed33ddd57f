import { type Reader, type ReaderTrack, unread } from 'antiphon/extend'

const MAX_TRACKS = 32
/** Packets from which the rate of a track is computed. */
const RATED_PACKETS = 50
const TAGS = ['title', 'artist', 'album', 'genre', 'comment', 'description', 'lyrics'] as const

/** Reads the headers of recordings and films, in ranges. Nothing is decoded. */
export const recordingReader: Reader = {
  types: ['audio/*', 'video/*'],
  async read(file) {
    const media = await import('mediabunny')
    const { MP4, QTFF, MATROSKA, WEBM, MP3, WAVE, OGG, ADTS, FLAC } = media
    // no format that names other files
    const formats = [MP4, QTFF, MATROSKA, WEBM, MP3, WAVE, OGG, ADTS, FLAC]
    const source = new media.StreamSource({ getSize: () => file.size, read: (from, to) => file.read(from, to) })
    const input = new media.Input({ formats, source })
    try {
      const container = (await input.getFormat()).name
      const seconds = await input.computeDuration()
      const tracks = await Promise.all((await input.getTracks()).slice(0, MAX_TRACKS).map(trackOf))
      return { form: 'recording', container, seconds, tags: tagsOf(await input.getMetadataTags()), tracks }
    } catch (error) {
      const why = `it is damaged, or no container that is read here (${(error as Error).message})`
      throw unread(why, 'bad_value')
    } finally {
      input.dispose()
    }
  },
}

type Track = Awaited<ReturnType<InstanceType<typeof import('mediabunny').Input>['getTracks']>>[number]

async function trackOf(track: Track): Promise<ReaderTrack> {
  const language = track.languageCode === 'und' ? {} : { language: track.languageCode }
  const common = { type: track.type, ...(track.codec && { codec: track.codec }), ...language }
  if (track.isAudioTrack()) return { ...common, sampleRate: track.sampleRate, channels: track.numberOfChannels }
  if (!track.isVideoTrack()) return common
  const { averagePacketRate } = await track.computePacketStats(RATED_PACKETS)
  const rate = Math.round(averagePacketRate * 100) / 100
  return { ...common, width: track.displayWidth, height: track.displayHeight, rate }
}

function tagsOf(found: { readonly [name: string]: unknown }): { readonly [name: string]: string } {
  const named = TAGS.flatMap((name) => (typeof found[name] === 'string' ? [[name, found[name]] as const] : []))
  const { date } = found
  return Object.fromEntries([...named, ...(date instanceof Date ? [['date', date.toISOString().slice(0, 10)]] : [])])
}
