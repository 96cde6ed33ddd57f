import { existsSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { allAgents, openAgents, toolsOfAgents } from '../../agent/room/agents/code-agents.ts'
import { compareCode } from '../../agent/room/code/compare-code.ts'
import { codeLooker } from '../../agent/room/code/look-at-code.ts'
import type { CodeReport, GoalNeeds } from '../../agent/room/goals/port.ts'
import type { Config } from '../../config/config.ts'
import { mcpServing } from '../../config/mcp-serving.ts'
import { InvalidError, NotFoundError, problemOf, unlessMissing } from '../../errors.ts'
import { parseExact } from '../../kernel/json.ts'
import { parse } from '../../kernel/schema.ts'
import { createModels, type OwnModels } from '../../model/registry.ts'
import { createRuntime } from '../../runtime/open/create-runtime.ts'
import type { RuntimeParts } from '../../runtime/open/parts.ts'
import { runtimeSecrets } from '../../runtime/services/secrets.ts'
import { loadToolbox } from '../../runtime/services/toolbox.ts'
import { hasSecrets } from '../../secret/store.ts'
import { checkRuns, MAX_CHECKED, type WorkflowReport } from '../../workflow/check/check-runs.ts'
import { type RunHistory, runHistory } from '../../workflow/check/run-history.ts'
import { listWorkflows } from '../../workflow/definition/workflow-list.ts'
import type { Client } from '../client/client.ts'
import { CHECK_WORKFLOWS, type CheckOutcome } from './check-outcome.ts'
import { type FolderSetup, joinFolder } from './join-folder.ts'

/**
 * Compares the code of a program with the goals in flight in its data folder, leaves the outcome in the file, and ends
 * the process: what follows `start` in the program expects an app that works.
 */
export async function checkAndExit(file: string, read: () => Promise<Config>, parts: RuntimeParts): Promise<never> {
  let outcome: CheckOutcome
  try {
    const config = await read()
    const { data } = config
    const { [CHECK_WORKFLOWS]: from } = process.env
    outcome =
      from === undefined
        ? { status: 'done', data, report: await compareWith(await readNeeds(config), config, parts) }
        : { status: 'workflows', data, report: await checkWorkflows(config, parts, from) }
  } catch (error) {
    outcome = { status: 'failed', problem: problemOf(error) }
  }
  writeFileSync(file, JSON.stringify(outcome))
  process.exit(0)
}

const readNeeds = (config: Config): Promise<GoalNeeds> => withFolder(config, ({ goals }) => goals.code())

/** Replays open runs of the folder, or exported ones, against the workflows of the program. */
async function checkWorkflows(
  config: Config,
  { workflows: given }: RuntimeParts,
  from: string,
): Promise<WorkflowReport> {
  const workflows = listWorkflows(given)
  if (from !== '') return checkRuns(workflows, exportedHistories(from))
  return withFolder(config, (client) => checkRuns(workflows, openHistories(client, workflows.names)))
}

/** Asks the owner of the folder, or becomes it for a moment, without code that would let work go on. */
async function withFolder<T>(config: Config, ask: (client: Client) => Promise<T>): Promise<T> {
  const { data, restate } = config
  if (!restate && !existsSync(data)) throw new NotFoundError(`There is no data folder ${data}, so no work waits there.`)
  const open: FolderSetup['open'] = (owner, overrides) =>
    createRuntime(config, { ...overrides, ...(owner && { owner }) })
  const place = await joinFolder(
    { data, mcp: mcpServing(config), ...(restate && { restate }), open },
    { command: 'check', serve: false, holds: false },
  )
  return ask(place.client).finally(() => place.leave(0))
}

async function compareWith(needs: GoalNeeds, config: Config, parts: RuntimeParts): Promise<CodeReport> {
  // the deploy stores the definition with the new code
  return compareCode(needs, codeLooker(await openDefinitions(config, parts), { put: async () => '' }))
}

/** Loads agents, tools and workflows as a start does, and opens no folder. InvalidError if one is refused. */
export async function openDefinitions(config: Config, parts: RuntimeParts): ReturnType<typeof openAgents> {
  const { data, environment, folder } = config
  listWorkflows(parts.workflows)
  const agents = allAgents(parts.agents ?? [])
  const toolbox = await loadToolbox(config, [...toolsOfAgents(agents), ...(parts.tools ?? [])])
  const settings = { ...config, secrets: hasSecrets(data) }
  const models = createModels(settings, environment, parts.models as OwnModels, runtimeSecrets(config), parts.notice)
  return openAgents(agents, { folder, toolbox, models, notice: parts.notice })
}

/** The histories of the open runs of workflows. A run that ends meanwhile is left out. */
async function* openHistories(
  { runs, workflows }: Pick<Client, 'runs' | 'workflows'>,
  names: readonly string[],
): AsyncGenerator<RunHistory> {
  for (const name of names)
    for (const status of ['running', 'waiting'])
      for (const { id } of await runs.list({ name, status, limit: MAX_CHECKED })) {
        // a pipeline may have the name of a workflow
        const history = await workflows.history(id).catch(unlessMissing)
        if (history) yield history
      }
}

/** The histories in a file: one, or a list. InvalidError if the file has anything else. */
export async function* exportedHistories(file: string): AsyncGenerator<RunHistory> {
  const text = await readFile(file, 'utf8')
  let given: unknown
  try {
    given = parseExact(text)
  } catch (cause) {
    throw new InvalidError(`${file}: expected the JSON of histories, got something else.`, { cause, hint: EXPORT })
  }
  for (const one of [given].flat()) yield (await parse(runHistory, one, file)) as RunHistory
}

const EXPORT = 'To export one: antiphon workflows history RUN > history.json'
