import { NotFoundError } from '../../../errors.ts'
import type { Client } from '../../../http/client/client.ts'
import type { Json } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import type { ModelFacts } from '../../../model/choose/model-facts.ts'
import type { ModelLack, Models } from '../../../model/models.ts'
import { type Probe, probesOf } from '../../../model/probe/probes.ts'
import { type ProbeEnd, type ProbeReport, reportOf } from '../../../model/probe/report.ts'
import type { StepDocument } from '../../../run/document.ts'
import { parseRunId } from '../../arguments/ids.ts'
import { budgetOption, newId } from '../../arguments/options.ts'
import { command, targetOf } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { watchRun } from '../run/follow.ts'
import { withModels } from './local-models.ts'

export const probeCommand = command({
  name: 'probe',
  about: 'Ask a model eight fixed questions and judge the answers. Code judges them. Exits with 1 if one is wrong.',
  args: [['<name>', 'id, alias or bare name of the model']],
  options: [
    budgetOption(),
    ['--id <id>', 'id of the run; probing again with the same id asks nothing twice', { parse: parseRunId }],
    ['--json', 'print the report as JSON'],
  ],
  at: 'server',
  examples: ['models probe ollama/llama3.2', 'models probe gpt-4.1 --budget 0.10 --json'],
  async run(cli, name, { budget, json, id = newId('run'), ...options }) {
    const where = targetOf(options)
    const away = { facts: { id: name } as Described, lack: undefined }
    const { facts, lack } = where.server === undefined ? await withModels(cli, (models) => factsOf(models, name)) : away
    const probes = probesOf(facts)
    const session = { command: `antiphon models probe ${name}`, creates: true, ...where }
    return withRuntime(cli, session, async (opened) => {
      const { client } = opened
      await checkOffered(client, facts.id, lack)
      const source = { name: 'probe.json', text: pipelineOf(facts.id, probes) }
      // one at a time, so that speed is that of a single call
      await client.runs.start({ id, source, strategy: 'sequential', ...(budget !== undefined && { budget }) })
      opened.goOnWith(opened.command('models', 'probe', name, '--id', id))
      await watchRun(cli, opened, id, {})
      const report = reportOf(facts, probes, await endsOf(client, id, facts.id, probes))
      if (json) cli.terminal.json({ run: id, ...report })
      else tell(cli.terminal, report)
      return report.probeResults.every(({ verdict }) => verdict === 'passed') ? 0 : 1
    })
  },
})

type Described = Partial<ModelFacts> & { readonly id: string }

function factsOf(models: Pick<Models, 'find' | 'facts' | 'lackOf'>, name: string) {
  const id = models.find(name) ?? name
  const facts: Described = models.facts().find((one) => one.id === id) ?? { id }
  return { facts, lack: models.lackOf(name) }
}

/** Refuses a model that no step could ask, before a run starts. `PROVIDER/*` stands for all models of a server. */
async function checkOffered(client: Client, id: string, lack: ModelLack | undefined): Promise<void> {
  const known = (await client.catalogue.models()).map((model) => model.id)
  if (known.includes(id) || known.includes(`${id.split('/')[0]}/*`)) return
  if (lack) throw new NotFoundError(lack.message, present({ hint: lack.hint }))
  const near = nearestWord(id, known)
  throw new NotFoundError(`There is no model ${id}.`, near === undefined ? {} : { hint: `Did you mean ${near}?` })
}

/** The probes as a pipeline, so each is a durable call of a budget. */
function pipelineOf(model: string, probes: readonly Probe[]): string {
  const steps = probes.map(({ id, step, parameters }) => ({
    id,
    ...step,
    on_failure: 'continue',
    parameters: { model, ...parameters },
  }))
  return JSON.stringify({ name: `Probes of ${model}`, steps })
}

async function endsOf(client: Client, run: string, model: string, probes: readonly Probe[]) {
  const { steps } = await client.runs.get(run)
  const ends = new Map<string, ProbeEnd>()
  for (const { id } of probes) if (steps[id]) ends.set(id, await endOf(client, steps[id], model))
  return ends
}

async function endOf(client: Client, step: StepDocument, model: string): Promise<ProbeEnd> {
  if (step.success === null || step.status === 'skipped' || step.status === 'cancelled') return 'not asked'
  const { result, goal } = step.value as { readonly result?: Json; readonly goal?: string }
  const { rounds = [] } = goal === undefined ? {} : await client.goals.get(goal)
  const tools = rounds.flatMap(({ calls }) => calls.map(({ tool }) => tool))
  if (!step.success && tools.length === 0) return { fault: step.error ?? 'it gave no answer' }
  const uses = step.models ?? []
  const other = uses.find((use) => use.failed === undefined && use.model !== model)
  if (other) return { fault: `${other.model} answered instead` }
  const written = uses.reduce((sum, { output, cached }) => sum + (cached ? 0 : output), 0)
  return { answer: { value: result ?? null, tools, seconds: step.duration ?? 0, written } }
}

function tell(terminal: Terminal, { contextWindow, probeResults, tokensPerSecond, contradictions }: ProbeReport): void {
  terminal.table(
    ['PROBE', '', 'SHOWS THAT IT', 'ANSWER'],
    probeResults.map(({ probe, verdict, shows, found = '' }) => [probe, verdict, shows, found.slice(0, 60)]),
    ([, verdict]) => verdict === 'failed',
  )
  terminal.out(`context: ${contextWindow === null ? 'not shown' : `${contextWindow} tokens`}`)
  if (tokensPerSecond !== undefined) terminal.out(`speed: ${tokensPerSecond} tokens a second`)
  for (const sentence of contradictions) terminal.out(sentence)
}
