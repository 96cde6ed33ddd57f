import { join } from 'node:path'
import type { AgentFinding } from '../../definition/finding.ts'
import type { ProjectSkill } from '../../definition/parse.ts'
import { parseSkill } from '../../definition/skill.ts'
import { type BoundedText, namesIn, readIfThere } from './read-text.ts'

/** Folders with skills, in the order of a search. */
const FOLDERS: readonly string[] = ['skills', '.claude/skills']

/** The skills of a project. If several have the same name, the first match wins. */
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
  const fault = faultOf(read, file)
  if (fault) return { name: entry, findings: [fault] }
  const playbook = `${folder}/playbook.yaml`
  const steps = await readIfThere(join(project, playbook))
  if (steps && 'fault' in steps) return { name: entry, findings: [faultOf(steps, playbook)!] }
  const parsed = parseSkill(textOf(read), { folder, ...(steps && { playbook }) })
  return { name: 'skill' in parsed ? parsed.skill.name : entry, ...parsed }
}

/** The finding for a file that is too large, or that cannot be read. */
export function faultOf(read: BoundedText, file: string): AgentFinding | undefined {
  if ('text' in read) return undefined
  return { severity: 'error', message: 'fault' in read ? read.fault : 'the file is larger than 256 KiB', file }
}

/** The text of a file without a fault. */
export const textOf = (read: BoundedText): string => ('text' in read ? read.text : '')
