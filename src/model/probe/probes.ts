import type { Json } from '../../kernel/json.ts'
import type { ModelFacts } from '../choose/model-facts.ts'

/** Facts of one answer that code judges. */
export type ProbeAnswer = {
  /** the text, or the JSON value */
  readonly value: Json
  /** the tools that the model called */
  readonly tools: readonly string[]
  readonly seconds: number
  /** tokens that the model wrote */
  readonly written: number
}

/** A fixed question to a model, as the fields of a step. Code judges its answer, never another model. */
export type Probe = {
  readonly id: string
  /** the ability that a right answer shows */
  readonly shows: string
  readonly step: { readonly action: string; readonly tools?: readonly string[] }
  readonly parameters: { readonly prompt: string; readonly schema?: object; readonly max_tokens?: number }
  passes(answer: ProbeAnswer): boolean
}

/** The context of a model whose description states none. */
const SMALL_CONTEXT = 8_000
/** The largest needle: its text is stored with the run. */
const MAX_NEEDLE = 200_000
/** Tokens a second below which a person waits for a model. */
const SLOW = 1
const CHARACTERS_PER_TOKEN = 3

/** The tokens of the text that the needle probe sends: half of the context that is stated. */
export const needleTokens = (context = SMALL_CONTEXT): number => Math.min(MAX_NEEDLE, Math.floor(context / 2))

/** The probes of a model: its description rules the others out. */
export const probesOf = ({ context, cannot = [] }: Partial<ModelFacts> & { readonly id: string }): readonly Probe[] =>
  probesFor(context).filter(({ id }) => !cannot.some((one) => one === id))

/** The eight probes. `context`: the tokens that the description of the model states. */
export function probesFor(context?: number): readonly Probe[] {
  const text = { action: 'generate_text' }
  return [
    {
      id: 'instruction',
      shows: 'follows an instruction about form',
      step: text,
      parameters: { prompt: 'Reply with exactly one word, the colour of the clear sky by day, in capital letters.' },
      passes: ({ value }) => /^\W*BLUE\W*$/.test(String(value)),
    },
    {
      id: 'json',
      shows: 'answers in the form of a JSON Schema',
      step: { action: 'generate_structured' },
      parameters: {
        prompt: 'Ada Reed has booked berth 12. Give the name of the person, and the number of the berth.',
        schema: {
          type: 'object',
          properties: { name: { type: 'string' }, berth: { type: 'integer' } },
          required: ['name', 'berth'],
          additionalProperties: false,
        },
      },
      passes: ({ value }) => {
        const { name, berth } = (value ?? {}) as { readonly name?: unknown; readonly berth?: unknown }
        return typeof name === 'string' && Number.isInteger(berth)
      },
    },
    {
      id: 'extraction',
      shows: 'finds a fact in a text',
      step: text,
      parameters: { prompt: `${NOTICE}\n\nWhen does the night ferry leave? Reply with the time.` },
      passes: ({ value }) => /\b23:40\b/.test(String(value)) && !/\b0?7:15\b/.test(String(value)),
    },
    {
      id: 'refusal',
      shows: 'refuses to answer what a text does not say',
      step: text,
      parameters: {
        prompt: `${NOTICE}\n\nWhat does a ticket cost? If the notice does not say it, reply with the one word UNKNOWN.`,
      },
      passes: ({ value }) => /^\W*UNKNOWN\W*$/i.test(String(value)),
    },
    {
      id: 'sums',
      shows: 'calculates with whole numbers',
      step: text,
      parameters: { prompt: 'What is 17 + 25 * 2? Reply with the number only.' },
      passes: ({ value }) => /(?<!\d)67$/.test(String(value).trim().replace(/\.$/, '')),
    },
    {
      id: 'tools',
      shows: 'calls a tool',
      step: { ...text, tools: ['echo'] },
      parameters: { prompt: 'Call the tool echo with the action "echo harbour". Then reply with its result.' },
      passes: ({ tools }) => tools.includes('echo'),
    },
    {
      id: 'needle',
      shows: `finds a word in a text of ${needleTokens(context)} tokens`,
      step: text,
      parameters: { prompt: haystack(needleTokens(context)) },
      passes: ({ value }) => /\bzephyr-4711\b/i.test(String(value)),
    },
    {
      id: 'speed',
      shows: `writes at least ${SLOW} token a second`,
      step: text,
      parameters: { prompt: 'Describe a harbour in the morning, in about 100 words.', max_tokens: 200 },
      passes: (answer) => (speedOf(answer) ?? 0) >= SLOW,
    },
  ]
}

/** Tokens a second; undefined: no token was counted, or no time. */
export const speedOf = ({ written, seconds }: Pick<ProbeAnswer, 'written' | 'seconds'>): number | undefined =>
  written > 0 && seconds > 0 ? Math.round((written / seconds) * 10) / 10 : undefined

const NOTICE =
  'Notice: The morning ferry leaves at 7:15 from pier 2. The night ferry leaves at 23:40 from pier 4. No ferry runs on Sunday.'

/** A text with one sentence that is unlike all others, a little after its middle. */
function haystack(tokens: number): string {
  const lines: string[] = []
  const wanted = tokens * CHARACTERS_PER_TOKEN
  for (let length = 0, day = 1; length < wanted; day++) {
    const line = `On day ${day} the harbour was calm, and the crew of ship ${(day * 37) % 991} mended the nets.`
    lines.push(line)
    length += line.length + 1
  }
  lines.splice(Math.ceil(lines.length * 0.6), 0, 'The password of the lighthouse is zephyr-4711.')
  return `${lines.join('\n')}\n\nWhat is the password of the lighthouse? Reply with the password only.`
}
