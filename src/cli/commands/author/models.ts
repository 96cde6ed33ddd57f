import { NotFoundError } from '../../../errors.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import type { ModelFit } from '../../../model/choose/choose.ts'
import type { ModelFacts } from '../../../model/choose/model-facts.ts'
import { isFree } from '../../../model/cost/price.ts'
import type { Models } from '../../../model/models.ts'
import { type Cli, type ConnectionTarget, command, SERVER_OPTIONS } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { formatNumber } from '../../terminal/format.ts'
import { withModels } from './local-models.ts'
import { probeCommand } from './models-probe.ts'
import { pullCommand } from './models-pull.ts'

const listCommand = command({
  name: 'list',
  about: 'List the models that can be chosen. Each is shown with its known properties.',
  options: [['--json', 'print them as JSON'], ...SERVER_OPTIONS],
  examples: ['models list', 'models list --json'],
  async run(cli, { json, ...where }) {
    if (where.server !== undefined) return listThere(cli, where, json)
    const facts = await withModels(cli, (models) => models.facts())
    if (json) cli.terminal.json(facts)
    else cli.terminal.table(HEAD, facts.map(rowOf))
    return 0
  },
})

/** A server reports for each model the name to ask for, and whether requests stay on its machine. */
function listThere(cli: Cli, where: ConnectionTarget, json = false): Promise<number> {
  return withRuntime(cli, { command: 'antiphon models list', ...where }, async ({ client }) => {
    const models = await client.catalogue.models()
    const rows = models.map((one) => [
      one.default ? `${one.id} (default)` : one.id,
      one.offline ? 'there' : 'elsewhere',
    ])
    if (json) cli.terminal.json(models)
    else cli.terminal.table(['MODEL', 'WHERE'], rows)
    return 0
  })
}

const HEAD = ['MODEL', 'SIZE', 'CONTEXT', 'TAKES', 'CAN', 'GOOD AT', '$ PER M', 'WHERE', 'WIRE']

function rowOf(facts: ModelFacts): readonly string[] {
  const { id, standard, size, context, modalities = [], capabilities = [], tags, level, wire } = facts
  return [
    standard ? `${id} (default)` : id,
    size === undefined ? '-' : `${size}B`,
    context === undefined ? '-' : formatNumber(context),
    modalities.join(', ') || '-',
    capabilities.join(', ') || '-',
    tags?.join(', ') ?? level ?? '-',
    priceOf(facts),
    whereOf(facts),
    wire ?? '-',
  ]
}

const RATES = {
  input: 'in',
  cacheRead: 'cached',
  cacheWrite: 'to cache',
  output: 'out',
  characters: 'spoken',
  minute: 'a minute',
} as const

/** A usual price of the provider, which nobody configured, has a `~`. Without one the cached part costs as the rest. */
function priceOf({ price = {}, paid, usualPrices = [] }: ModelFacts): string {
  if (isFree(price)) return paid ? 'not known' : 'free'
  const rates = Object.entries(RATES) as [keyof typeof RATES, string][]
  return rates
    .flatMap(([key, words]) => {
      const rate = price[key]
      if (rate === undefined) return key === 'cacheRead' && price.input !== undefined ? ['cached as in'] : []
      return [`${usualPrices.includes(key) ? '~' : ''}${Number(rate.toPrecision(6))} ${words}`]
    })
    .join(', ')
}

function whereOf({ local }: ModelFacts): string {
  if (local === undefined) return 'not known'
  return local ? 'here' : 'elsewhere'
}

const showCommand = command({
  name: 'show',
  about: 'Show all properties of a model.',
  args: [['<name>', 'id, alias or bare name of the model']],
  options: [['--json', 'print it as JSON']],
  examples: ['models show ollama/llama3.2', 'models show gpt-4.1 --json'],
  async run(cli, name, { json }) {
    const facts = await withModels(cli, (models) => factsNamed(models, name))
    if (json) cli.terminal.json(facts)
    else for (const [key, value] of Object.entries(facts)) cli.terminal.out(`${key}: ${shown(value)}`)
    return 0
  },
})

function factsNamed(models: Models, name: string): ModelFacts {
  const id = models.find(name)
  const facts = models.facts().find((one) => one.id === id)
  if (facts) return facts
  const known = models.facts().map((one) => one.id)
  const near = nearestWord(name, known)
  if (id === undefined)
    throw new NotFoundError(`There is no model ${name}.`, near === undefined ? {} : { hint: `Did you mean ${near}?` })
  throw new NotFoundError(`There is no description of ${id}; only its provider is known.`, {
    hint: 'Describe it under `models:` in antiphon.yaml, or in models.yaml beside it.',
  })
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.join(', ')
  return Object.entries(value)
    .map(([key, one]) => `${key} ${one}`)
    .join(', ')
}

const chooseCommand = command({
  name: 'choose',
  about: 'Show which model fits a list of needs. Also says why each other model does not fit.',
  options: [
    ['--needs <words>', 'requirements, such as "vision, 100k context, json, < $0.01, offline"', { required: true }],
    ['--json', 'print it as JSON'],
    ...SERVER_OPTIONS,
  ],
  examples: ['models choose --needs "json, offline"', 'models choose --needs "at least 7b, good at code" --json'],
  async run(cli, { needs, json, ...where }) {
    const tell = (judged: readonly ModelFit[]) => tellChoice(cli, judged, json)
    const there = async ({ client }: Session) => tell(await client.catalogue.judgeModels(needs))
    const options = { command: 'antiphon models choose', ...where }
    return where.server !== undefined ? withRuntime(cli, options, there) : tell(await judgeFor(cli, needs))
  },
})

function tellChoice({ terminal }: Cli, judged: readonly ModelFit[], json = false): number {
  const chosen = judged.find(({ fits }) => fits)
  if (json) terminal.json({ ...(chosen && { chosen: chosen.id }), models: judged })
  else terminal.table(['MODEL', ''], judged.map(verdictOf(chosen)))
  if (!chosen) terminal.say('No model meets all requirements.')
  return chosen ? 0 : 1
}

async function judgeFor(cli: Cli, words: string): Promise<readonly ModelFit[]> {
  const { requireNeeds } = await import('../../../model/choose/requirements.ts')
  const needs = requireNeeds(words, '--needs')
  return withModels(cli, (models) => models.judge(needs))
}

const verdictOf =
  (chosen: ModelFit | undefined) =>
  (one: ModelFit): readonly string[] => {
    const verdict = one === chosen ? ['chosen'] : one.fits ? ['would do'] : []
    return [one.id, [...verdict, ...one.why].join('; ')]
  }

export const modelsCommand = command({
  name: 'models',
  about:
    'List models and see which one is chosen. Models are described in antiphon.yaml and models.yaml. Only `probe` calls one, and only `pull` downloads one.',
  commands: [listCommand, showCommand, chooseCommand, pullCommand, probeCommand],
  examples: ['models list', 'models show ollama/llama3.2', 'models choose --needs "vision, 100k context, json"'],
})
