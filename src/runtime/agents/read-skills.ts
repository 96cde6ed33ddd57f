import { join } from 'node:path'
import type { AgentFinding } from '../../agent/definition/finding.ts'
import type { ProjectSkill } from '../../agent/definition/parse.ts'
import { parseSkill } from '../../agent/definition/skill.ts'
import { namesIn, readIfThere } from '../project/read-text.ts'

/** Folders with skills, in the order of a search. */
const FOLDERS: readonly string[] = ['skills', '.claude/skills']

/** The skills of a project. Of several with one name, the first one in the order of a search counts. */
export async function readSkills(project: string): Promise<readonly ProjectSkill[]> {
  const found = new Map<string, ProjectSkill>()
  for (const inside of FOLDERS)
    for (const entry of await namesIn(join(project, inside))) {
      const skill = await readSkill(project, `${inside}/${entry}`, entry)
      if (skill && !found.has(skill.name)) found.set(skill.name, skill)
    }
  return [...found.values()]
}

async function readSkill(project: string, folder: string, entry: string): Promise<ProjectSkill | undefined> {
  const file = `${folder}/SKILL.md`
  const read = await readIfThere(join(project, file))
  if (!read) return undefined
  if ('isLong' in read) return { name: entry, findings: [tooLong(file)] }
  const playbook = `${folder}/playbook.yaml`
  const hasPlaybook = (await readIfThere(join(project, playbook))) !== undefined
  const parsed = parseSkill(read.text, { folder, ...(hasPlaybook && { playbook }) })
  return { name: 'skill' in parsed ? parsed.skill.name : entry, ...parsed }
}

/** The finding that a file is larger than 256 KiB. */
export function tooLong(file: string): AgentFinding {
  return { severity: 'error', message: 'the file is larger than 256 KiB', file }
}
