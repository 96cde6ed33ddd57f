import { hash } from 'node:crypto'

type Block = { readonly cache_control?: unknown }
type Message = { readonly role: string; readonly content: string | readonly Block[] }
type Body = {
  readonly system?: readonly Block[]
  readonly tools?: readonly Block[]
  readonly messages: readonly Message[]
}

/** Tokens of one request, as its provider counts them. */
export type Counted = { readonly plain: number; readonly read: number; readonly written: number }

const LOOK_BACK = 20
const MAX_MARKS = 4

/**
 * The cache of Anthropic: it keeps a beginning up to each mark, and finds one at a mark or at most 20 blocks before it.
 * Throws for more than four marks.
 */
export function createPromptCache(): { count(body: string): Counted } {
  const kept = new Set<string>()
  return {
    count(body) {
      const blocks = blocksIn(JSON.parse(body) as Body)
      const marks = blocks.flatMap(({ marked }, at) => (marked ? [at] : []))
      if (marks.length > MAX_MARKS) throw new Error(`${marks.length} marks`)
      const near = (mark: number) => blocks.slice(Math.max(0, mark - LOOK_BACK), mark + 1)
      const found = marks.flatMap(near).filter(({ beginning }) => kept.has(beginning))
      const read = Math.max(0, ...found.map(({ end }) => end))
      for (const mark of marks) kept.add(blocks[mark]!.beginning)
      const all = blocks.at(-1)?.end ?? 0
      const marked = blocks[marks.at(-1) ?? -1]?.end ?? 0
      const written = Math.max(0, marked - read)
      return { plain: all - read - written, read, written }
    },
  }
}

/** All blocks of a request in the order of the cache, each with all that stands before its end. */
function blocksIn({ tools = [], system = [], messages }: Body) {
  const spoken = messages.flatMap(({ role, content }) =>
    (typeof content === 'string' ? [{ type: 'text', text: content } as Block] : content).map((block) => ({
      role,
      ...block,
    })),
  )
  let [beginning, end] = ['', 0]
  return [...tools, ...system, ...spoken].map(({ cache_control: mark, ...block }) => {
    const text = JSON.stringify(block)
    beginning = hash('sha256', beginning + text, 'hex')
    end += Math.ceil(text.length / 4)
    return { marked: mark !== undefined, beginning, end }
  })
}
