import type { Offers } from '../../worker/capabilities.ts'
import type { WireOf } from '../catalogue/wires.ts'
import type { ModelFacts } from '../choose/model-facts.ts'
import { type FileKind, takesKind } from '../request/files.ts'
import type { Wire } from '../wire/rules.ts'
import type { FileReceiver } from './choose-files.ts'
import { limitsOf } from './limits.ts'
import type { PictureRefusals } from './picture-refusals.ts'

type KnownModels = {
  readonly known: readonly ModelFacts[]
  offersOf(id: string): Offers
  readonly wireOf: WireOf
  readonly refusals: Pick<PictureRefusals, 'has'>
}

/** Tokens of a model whose window is unknown. */
const USUAL_WINDOW = 128_000
const BYTES_PER_TOKEN = 3
/** The share of a window for the texts of files. */
const TEXTS = 1 / 2

/** Servers of which little is known: they may refuse a kind that the description of their model does not name. */
const ANY_SERVER: readonly (Wire | undefined)[] = ['compatible', 'strict', 'openrouter']
/** Servers that may refuse pages although their model sees pictures. */
const NO_PAGES: readonly (Wire | undefined)[] = ['compatible', 'strict']
const PAGES = ['document', 'pdf', 'file']

export function fileReceiver(model: string, { known, offersOf, wireOf, refusals }: KnownModels): FileReceiver {
  const factsOf = (id: string) => known.find((facts) => facts.id === id)
  const reads = (id: string, kind: Exclude<FileKind, 'text'>) => {
    const { modalities } = factsOf(id) ?? {}
    if (kind === 'image' && refusals.has(id)) return false
    if (kind === 'document' && NO_PAGES.includes(wireOf(id)) && !modalities?.some((one) => PAGES.includes(one)))
      return false
    const isSure = kind === 'image' || modalities !== undefined || !ANY_SERVER.includes(wireOf(id))
    return isSure && takesKind(offersOf(id), kind) && limitsOf(wireOf(id)).types[kind] !== undefined
  }
  const { context = USUAL_WINDOW } = factsOf(model) ?? {}
  return {
    model,
    limits: limitsOf(wireOf(model)),
    reads(kind) {
      if (reads(model, kind)) return 'yes'
      return known.some(({ id }) => reads(id, kind)) ? 'no' : 'nowhere'
    },
    texts: Math.floor(context * BYTES_PER_TOKEN * TEXTS),
  }
}
