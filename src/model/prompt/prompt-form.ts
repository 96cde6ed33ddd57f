import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { listReferences, parseTemplate, renderTemplate, type Template } from '../../template/template.ts'
import { type Assignment, neutralizeDocumentTags, type RenderedPrompt, renderTask } from './task.ts'
import { cleanText, type TextCleanup } from './text-cleanup.ts'

/** How a model wants its prompt: templates over the task, and cleanups of texts before and replies after. */
export type PromptForm = {
  readonly prompt?: string
  readonly system?: string
  readonly before?: readonly TextCleanup[]
  readonly after?: readonly TextCleanup[]
}

/** A compiled form: renders a task, and extracts the answer from a reply. */
export interface CompiledForm {
  /** Renders the assignment for the model. Only the templates are evaluated: the content of a task is data to them. */
  render(assignment: Assignment): RenderedPrompt
  read(reply: string): string
}

const MAX_PROMPT_LENGTH = 4_000_000

const TEMPLATE_NAMES = ['task', 'instruction', 'documents', 'schema', 'system', 'prompt'] as const

/** Compiles a form; InvalidError, with its place, for an invalid template or an unknown name. */
export function compileForm({ prompt, system, before = [], after = [] }: PromptForm): CompiledForm {
  const [asPrompt, asSystem] = [prompt, system].map((text) => (text === undefined ? undefined : templateOf(text)))
  return {
    render(given) {
      const documents = given.documents.map((one) => ({ ...one, text: cleanText(one.text, before) }))
      const assignment = before.length > 0 ? { ...given, documents } : given
      const standard = renderTask(assignment)
      const scope = scopeOf(assignment, standard)
      return {
        system: asSystem ? fill(asSystem, scope) : standard.system,
        prompt: asPrompt ? fill(asPrompt, scope) : standard.prompt,
        // a model that reads the task as data does not get it in words
        offline: standard.offline,
      }
    },
    read: (reply) => cleanText(reply, after),
  }
}

function templateOf(text: string): Template {
  const template = parseTemplate(text)
  for (const { name, line, column } of listReferences(template)) {
    if (TEMPLATE_NAMES.includes(name as (typeof TEMPLATE_NAMES)[number])) continue
    const near = nearestWord(name, TEMPLATE_NAMES)
    throw new InvalidError(`Unknown name \`${name}\` in the template of a model.`, {
      place: { line, column },
      hint: near === undefined ? `Known names: ${TEMPLATE_NAMES.join(', ')}.` : `Did you mean \`${near}\`?`,
    })
  }
  return template
}

type Fields = { readonly [name in (typeof TEMPLATE_NAMES)[number]]: unknown }

function scopeOf(assignment: Assignment, { system, prompt }: RenderedPrompt): Fields {
  const { task, instruction, documents, schema } = assignment
  const material = documents.map(({ name, text }) => ({
    name: neutralizeDocumentTags(name),
    text: neutralizeDocumentTags(text),
  }))
  return {
    task: { ...TASK_DEFAULTS, ...task },
    instruction,
    documents: material,
    schema: schema ?? null,
    system,
    prompt,
  }
}

/** Values of absent task fields, so that a template can read them. */
const TASK_DEFAULTS = { question: '', choices: {}, count: null, words: null, focus: '' }

function fill(template: Template, fields: Fields): string {
  const scope = { get: (name: string) => fields[name as keyof Fields] }
  const text = renderTemplate(template, scope, { output: MAX_PROMPT_LENGTH })
  return typeof text === 'string' ? text : JSON.stringify(text)
}
