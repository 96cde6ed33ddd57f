import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadConfig } from '../../../config/config.ts'
import { is } from '../../../errors.ts'
import { walkFolder } from '../../../source/folder/walk.ts'
import type { WorkflowReport } from '../../../workflow/check/check-runs.ts'
import { command } from '../../cli.ts'
import { printVerdict, verdictDocument } from '../../render/verdict.ts'
import { shortPath } from '../../terminal/errors.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { agentDocument, checkAgents, isValidAgent, printAgent } from '../agent/agent-check.ts'
import { appIn, checkOf, fits, printReport } from '../run/workflows.ts'
import { validateFiles } from './validate.ts'

export const checkCommand = command({
  name: 'check',
  about:
    'Check pipelines, agents, workflows and antiphon.yaml. Nothing has an effect. Exit code 2 if one is not valid, 1 if an open run would wait for other code.',
  args: [['[path...]', 'pipelines, or folders with pipelines (default: the folder of the project)']],
  options: [['--json', 'print all findings as JSON']],
  examples: ['check', 'check pipelines --json'],
  async run(cli, given, { json = false }) {
    const { terminal } = cli
    const { folder, environment } = terminal
    const config = await loadConfig({ folder, environment, engine: cli.engine() })
    const paths = given.length === 0 ? [config.folder] : given.map((path) => resolve(folder, path))
    const files = (await Promise.all(paths.map(pipelinesIn))).flat()
    const verdicts = files.length === 0 ? [] : await validateFiles(cli, files)
    const { checked } = await checkAgents(cli)
    const workflows = await openRuns(terminal)
    if (json)
      terminal.json({
        settings: config.file ?? null,
        pipelines: verdicts.map((verdict) => verdictDocument(shortPath(verdict.file, folder), verdict)),
        agents: checked.map(agentDocument),
        workflows: workflows ?? null,
      })
    else {
      if (config.file !== undefined) terminal.out(`✓ ${shortPath(config.file, folder)} is valid`)
      for (const { steps: _, ...verdict } of verdicts) printVerdict(terminal, verdict)
      for (const agent of checked) printAgent(terminal, config.folder, agent)
      if (workflows) printReport(terminal, workflows)
    }
    const wrong = [...verdicts.filter(({ valid }) => !valid), ...checked.filter((agent) => !isValidAgent(agent))]
    const checks = [formatCount(files.length, 'pipeline'), formatCount(checked.length, 'agent')]
    const waits = workflows !== undefined && !fits(workflows)
    terminal.say(
      `Checked ${checks.join(', ')} and ${formatCount(workflows?.versions.length ?? 0, 'workflow')}: ${
        wrong.length > 0 ? `${wrong.length} not valid.` : waits ? 'open runs would wait for other code.' : 'all fit.'
      }`,
    )
    return wrong.length > 0 ? 2 : waits ? 1 : 0
  },
})

/** A file, or the pipelines below a folder: the YAML files with steps. Hidden and ignored files are left out. */
async function pipelinesIn(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const { files } = await walkFolder(path, { isReadable: (name) => /\.ya?ml$/i.test(name) })
  const texts = await Promise.all(files.map((file) => readFile(file.path, 'utf8')))
  return files.filter((_, place) => /^steps:/m.test(texts[place]!)).map((file) => file.path)
}

/** The open runs of the program that antiphon.yaml names; undefined without a program or a data folder. */
async function openRuns(terminal: Terminal): Promise<WorkflowReport | undefined> {
  const app = await appIn(terminal)
  if (app === undefined) return undefined
  return checkOf(terminal, app).catch((error) => {
    if (is(error, 'NotFoundError')) return undefined
    throw error
  })
}
