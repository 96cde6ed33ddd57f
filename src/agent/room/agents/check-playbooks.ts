import { resolve } from 'node:path'
import { present } from '../../../lib/json/present.ts'
import { compileFile } from '../../../pipeline/language/compile-file.ts'
import type { Finding } from '../../../run/finding.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { AgentFinding } from '../../definition/finding.ts'
import { excessOf } from '../../playbook/excess.ts'
import { agentNames } from '../files/agent-names.ts'
import type { AgentProject } from '../files/read-agent.ts'

/** A project, and the paths that its tools may use. */
type PlaybookProject = AgentProject & { readonly roots: readonly string[] }

/** Compiles the playbooks of an agent and its skills. It is an error if one does not compile or exceeds its agent. */
export async function checkPlaybooks(
  agent: AgentDefinition,
  project: PlaybookProject,
): Promise<readonly AgentFinding[]> {
  const files = [agent.playbook, ...agent.skills.map(({ playbook }) => playbook)].filter((file) => file !== undefined)
  return (await Array.fromAsync(new Set(files), (file) => checkPlaybook(file, agent, project))).flat()
}

async function checkPlaybook(
  file: string,
  agent: AgentDefinition,
  { folder, toolbox, models, roots }: PlaybookProject,
): Promise<readonly AgentFinding[]> {
  const names = { findModel: models.find, agentNames: () => agentNames(folder) }
  const context = { toolbox, ...names, given: [], strict: false, project: folder, roots, shown: file }
  const { pipeline, findings } = await compileFile(resolve(folder, file), context)
  const excess = pipeline && excessOf(agent, pipeline)
  return [
    ...findings.filter(({ severity }) => severity !== 'info').map((finding) => ofPlaybook(finding, file)),
    ...(excess === undefined ? [] : [{ severity: 'error' as const, message: `the playbook: ${excess}`, file }]),
  ]
}

function ofPlaybook({ severity, message, hint, line, column }: Finding, file: string): AgentFinding {
  return {
    severity,
    message: `the playbook: ${message}`,
    file,
    ...present({ hint, line, column }),
  }
}
