import type { Config } from '../../../config/config.ts'
import type { MediaFiles, MediaParts } from '../../../file/room/media-files.ts'
import type { SandboxProvider } from '../../../sandbox/sandbox.ts'
import type { MediaPrograms } from '../../../source/media/programs.ts'

type Settings = Pick<Config, 'sandbox' | 'media'>

/** The programs that decode media, in sandboxes without any network. They are loaded when a file needs one. */
export function programsOf(
  { sandbox = {}, media }: Settings,
  own: readonly SandboxProvider[] = [],
): () => Promise<MediaPrograms> {
  let programs: Promise<MediaPrograms> | undefined
  async function load(): Promise<MediaPrograms> {
    const [{ createSandboxes }, { mediaPrograms }] = await Promise.all([
      import('../../../sandbox/choose.ts'),
      import('../../../source/media/programs.ts'),
    ])
    const { network: _, ...settings } = sandbox
    const isolated = createSandboxes(settings, { own })
    const plain = media?.unsandboxed ? createSandboxes({ ...settings, use: ['none'] }) : undefined
    return mediaPrograms(isolated.open, plain?.open)
  }
  return () => (programs ??= load())
}

/** Readers of media, loaded when a file needs one. */
export function lazyMediaFiles(parts: MediaParts): MediaFiles {
  let media: Promise<MediaFiles> | undefined
  const load = () => (media ??= import('../../../file/room/media-files.ts').then(({ mediaFiles }) => mediaFiles(parts)))
  return {
    read: async (...given) => (await load()).read(...given),
    document: async (...given) => (await load()).document(...given),
    documentAt: async (...given) => (await load()).documentAt(...given),
    hear: async (...given) => (await load()).hear(...given),
    smallPicture: async (...given) => (await load()).smallPicture(...given),
    shownFiles: async (...given) => (await load()).shownFiles(...given),
  }
}
