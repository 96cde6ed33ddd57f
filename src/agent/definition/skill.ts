import type { Json } from '../../kernel/json.ts'
import { MAX_SKILL_DESCRIPTION, MAX_SKILL_NAME, type Skill } from './definition.ts'
import type { AgentFinding } from './finding.ts'
import { readFrontMatter } from './front-matter.ts'
import { isManual } from './keys.ts'

/** The facts that stand outside the file of a skill. */
type SkillSurroundings = {
  /** the folder of the skill, relative to the project */
  readonly folder: string
  /** the path of `playbook.yaml` beside the file; absent: there is none */
  readonly playbook?: string
}

/** A skill, or the findings that say why it is none. `isManual`: its file says that no model may choose it. */
export type ParsedSkill =
  | { readonly skill: Skill; readonly isManual?: true }
  | { readonly findings: readonly AgentFinding[] }

/** Reads the text of a SKILL.md: YAML front matter with a name and a description, then instructions. Pure. */
export function parseSkill(text: string, { folder, playbook }: SkillSurroundings): ParsedSkill {
  const front = readFrontMatter(text, `${folder}/SKILL.md`)
  if ('fault' in front) return { findings: [front.fault] }
  const { head, body, findings, report } = front
  const name = textAt(head, 'name') ?? (head.name === undefined ? folder.slice(folder.lastIndexOf('/') + 1) : undefined)
  const description = textAt(head, 'description')
  if (name === undefined || name.length > MAX_SKILL_NAME)
    report('error', ['name'], '`name`: expected a text of at most 100 characters')
  if (description === undefined)
    report('error', ['description'], 'the skill has no `description`', {
      hint: 'The model chooses a skill by its description.',
    })
  else if (description.length > MAX_SKILL_DESCRIPTION)
    report('error', ['description'], `\`description\` is longer than ${MAX_SKILL_DESCRIPTION} characters`)
  if (findings.some(({ severity }) => severity === 'error') || name === undefined || description === undefined)
    return { findings }
  const skill = { name, description, body, folder, ...(playbook !== undefined && { playbook }) }
  return { skill, ...(isManual(head) && { isManual: true }) }
}

/** A text on one line; undefined if there is none. */
function textAt(head: { readonly [key: string]: Json }, key: string): string | undefined {
  const value = head[key]
  const text = typeof value === 'string' ? value.replaceAll(/\s+/g, ' ').trim() : ''
  return text === '' ? undefined : text
}
