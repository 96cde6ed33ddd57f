import { join, resolve } from 'node:path'
import type { AgentFinding } from '../../../agent/definition/finding.ts'
import type { AgentProject, CheckedAgent } from '../../../agent/room/files/read-agent.ts'
import type { Config } from '../../../config/config.ts'
import { InvalidError } from '../../../errors.ts'
import { parseSeconds } from '../../arguments/options.ts'
import { type Cli, command } from '../../cli.ts'
import { findingText, shortPath } from '../../terminal/errors.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { withModels } from '../author/local-models.ts'
import { loadLocalTools } from '../author/local-tools.ts'

export const agentCheckCommand = command({
  name: 'check',
  about:
    'Check agents without running them. Exit code 2 if one is not valid; lists what has no effect here. For a program: which goals in flight would wait if it were deployed now, and for what. Exit code 1 if any would.',
  args: [['[file...]', 'files or names of agents (default: all agents of the project), or one program']],
  options: [
    ['--json', 'print the findings as JSON: an object for one file, else a list'],
    ['--timeout <seconds>', 'time for a program to call start() and compare', { parse: parseSeconds, default: 60 }],
  ],
  examples: ['agent check', 'agent check agents/clerk.md', 'agent check clerk --json', 'agent check app.mts'],
  async run(cli, files, options) {
    const program = files.find(isProgram)
    if (program === undefined) return check(cli, files, options.json)
    if (files.length > 1)
      throw new InvalidError(`Expected one program alone, got ${files.length} files.`, { place: { path: program } })
    return (await import('./agent-check-program.ts')).checkProgram(cli, program, options)
  },
})

/** Whether an argument is a program, and not the file or the name of an agent. */
const isProgram = (name: string) => /\.[cm]?[jt]s$/.test(name)

async function check(cli: Cli, given: readonly string[], json = false): Promise<number> {
  const { terminal } = cli
  const { folder, checked } = await checkAgents(cli, given)
  const documents = checked.map(agentDocument)
  if (json) terminal.json(given.length === 1 ? documents[0] : documents)
  else if (checked.length === 0) terminal.say('There is no agent here. To write one: antiphon agent new NAME')
  else for (const agent of checked) printAgent(terminal, folder, agent)
  return checked.every(isValidAgent) ? 0 : 2
}

/** Checks agents by file or name, or all agents of the project, which is in `folder`. */
export async function checkAgents(cli: Cli, given: readonly string[] = []) {
  const { config, toolbox } = await loadLocalTools(cli)
  const { folder, roots } = config
  const wanted = given.length > 0 ? given.map((name) => inProject(name, cli.terminal)) : await allFiles(folder)
  const checked = await withModels(cli, (models) => checkAll(wanted, { folder, roots, toolbox, models }))
  return { folder, checked }
}

async function allFiles(folder: string): Promise<readonly string[]> {
  const { agentFiles } = await import('../../../agent/room/files/agent-files.ts')
  return agentFiles(folder)
}

/** A path is relative to the folder of the command; a name stands for itself. */
function inProject(given: string, { folder }: Terminal): string {
  return /[/\\]|\.md$/.test(given) ? resolve(folder, given) : given
}

/** `tools`: the number of tools that its model gets. */
type CountedAgent = CheckedAgent & { readonly tools: number }

async function checkAll(
  wanted: readonly string[],
  project: AgentProject & Pick<Config, 'roots'>,
): Promise<readonly CountedAgent[]> {
  const [{ checkAgent }, { checkPlaybooks }, { checkToolOffers, countTools }] = await Promise.all([
    import('../../../agent/room/files/read-agent.ts'),
    import('../../../agent/room/agents/check-playbooks.ts'),
    import('../../../agent/context/check-offers.ts'),
  ])
  const checked: CountedAgent[] = []
  for (const name of wanted) {
    const agent = await checkAgent(name, project)
    const { definition, file } = agent
    const more = definition
      ? [...checkToolOffers(definition, project.toolbox, file), ...(await checkPlaybooks(definition, project))]
      : []
    const tools = definition ? countTools(definition, project.toolbox) : 0
    checked.push({ ...agent, tools, findings: [...agent.findings, ...more] })
  }
  return checked
}

export const isValidAgent = ({ findings }: CheckedAgent) => !findings.some(({ severity }) => severity === 'error')

export function printAgent(terminal: Terminal, folder: string, agent: CountedAgent): void {
  const { file, definition, tools, findings } = agent
  const shown = shortPath(join(folder, file), terminal.folder)
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const extra = warnings > 0 ? ` with ${formatCount(warnings, 'warning')}` : ''
  terminal.out(isValidAgent(agent) ? `✓ ${shown} is valid${extra}` : `✗ ${shown} is not valid`)
  if (definition && isValidAgent(agent))
    terminal.out(
      `  ${definition.name}, ${formatCount(tools, 'tool')}, ${formatCount(definition.skills.length, 'skill')}`,
    )
  for (const finding of findings) terminal.out(findingText(placed(finding, folder), terminal.folder))
}

function placed(finding: AgentFinding, folder: string): AgentFinding {
  return finding.file === undefined ? finding : { ...finding, file: join(folder, finding.file) }
}

export function agentDocument(agent: CheckedAgent): object {
  const { file, definition, findings } = agent
  const error = findings.find(({ severity }) => severity === 'error')
  return {
    agent_file: file,
    valid: isValidAgent(agent),
    ...(definition && {
      agent: definition.name,
      tools: definition.tools,
      skills: definition.skills.map(({ name }) => name),
    }),
    ...(error && { error: error.message }),
    findings: findings.map(({ severity, message, hint, file: where, line, column }) => ({
      severity,
      message,
      suggestions: hint === undefined ? [] : [hint],
      file: where ?? null,
      line: line ?? null,
      column: column ?? null,
    })),
  }
}
