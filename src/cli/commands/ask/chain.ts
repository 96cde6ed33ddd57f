import { existsSync } from 'node:fs'
import type { PhaseChoice, PhaseSummary } from '../../../chain/define/describe-phases.ts'
import type { CatalogueClient } from '../../../http/client/ports.ts'
import { present } from '../../../lib/json/present.ts'
import { type Cli, type ConnectionTarget, command, loadSetup, targetOf } from '../../cli.ts'
import { withReader } from '../../connect/session.ts'
import { withScratchRuntime } from '../../connect/temporary-runtime.ts'

type Ask<Result> = (catalogue: Pick<CatalogueClient, 'phases' | 'selectPhases'>) => Promise<Result>

/** Asks the process that would answer a question, or this folder where no question was asked yet. */
async function askCatalogue<Result>(cli: Cli, of: ConnectionTarget & { command: string }, ask: Ask<Result>) {
  const isThere = of.server !== undefined || existsSync((await loadSetup(cli, of.data)).data)
  if (!isThere)
    return withScratchRuntime(cli, ({ catalogue }) =>
      ask({ phases: catalogue.phases, selectPhases: async (query) => catalogue.selectPhases(query) }),
    )
  let result: Result | undefined
  await withReader(cli, of, async ({ client }) => {
    result = await ask(client.catalogue)
    return 0
  })
  return result as Result
}

const phasesCommand = command({
  name: 'phases',
  about: 'List the phases that serve questions, with their files.',
  options: [['--json', 'print them as JSON']],
  at: 'server',
  examples: ['chain phases', 'chain phases --json'],
  async run(cli, options) {
    const of = { command: 'antiphon chain phases', ...targetOf(options) }
    const phases = await askCatalogue(cli, of, (catalogue) => catalogue.phases())
    if (options.json) cli.terminal.json(phases)
    else cli.terminal.table(['PHASE', 'MODALITY', 'DOMAIN', 'SERVED BY'], phases.map(rowOf))
    return 0
  },
})

function rowOf({ phase, modality, domain, servedBy, version, hash, changed, replaces }: PhaseSummary) {
  const notes = [
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(hash === undefined ? [] : [`hash ${hash}`]),
    ...(replaces ? ['replaces antiphon'] : []),
    ...(changed ? ['its code has changed: restart to use it'] : []),
  ]
  return [phase, modality, domain, notes.length > 0 ? `${servedBy} (${notes.join(', ')})` : servedBy]
}

const selectCommand = command({
  name: 'select',
  about: 'Show which phases and pools a question gets, and why.',
  options: [
    ['--modality <name>', 'text, code, image, audio, video, model or multimodal (default: text)'],
    ['--domain <name>', 'the subject area (default: general)'],
    ['--phase <name>', 'only this phase, such as yield'],
    ['--json', 'print the ladders as JSON'],
  ],
  at: 'server',
  examples: ['chain select --modality code', 'chain select --domain legal --phase yield --json'],
  async run(cli, options) {
    const { modality, domain, phase } = options
    const of = { command: 'antiphon chain select', ...targetOf(options) }
    const choices = await askCatalogue(cli, of, (one) => one.selectPhases(present({ modality, domain, phase })))
    if (options.json) cli.terminal.json(choices)
    else for (const choice of choices) for (const line of linesOf(choice)) cli.terminal.out(line)
    return choices.every(({ chosen }) => chosen !== undefined) ? 0 : 1
  },
})

function linesOf({ phase, keys, chosen, pools, pool, why }: PhaseChoice): readonly string[] {
  const mark = (isChosen: boolean) => (isChosen ? '→' : ' ')
  return [
    `${phase}: ${chosen === undefined ? 'no phase serves this' : why}`,
    ...keys.map(({ key, servedBy = 'none' }) => `  ${mark(key === chosen)} ${key}  ${servedBy}`),
    ...pools.map(({ id, exists }) => `  ${mark(id === pool)} pool ${id}${exists ? '' : '  none'}`),
  ]
}

export const chainCommand = command({
  name: 'chain',
  about: 'Show the phases of questions, and how they are chosen.',
  commands: [phasesCommand, selectCommand],
  examples: ['chain phases', 'chain select --modality code --domain legal'],
})
