import type { Document } from '../../../model/prompt/task.ts'
import type { RenderLimits, Template, TemplateScope } from '../../../template/template.ts'
import { listReferences, renderTemplate } from '../../../template/template.ts'

/** A prompt in two parts: the instruction, and texts from variables as documents that it names. */
export type PromptWithDocuments = { readonly instruction: string; readonly documents: readonly Document[] }

/** Up to this length a value becomes part of the author's sentence, unless it is a sentence itself. */
const MAX_INLINE_CHARS = 80

type Node = Template['body'][number]

/**
 * Renders a prompt so that data stays data: values of variables longer than `longest`
 * become documents, and the author's sentence names them where they stood. A model that
 * reads it as a whole misses nothing, and one that selects knows what to select from.
 */
export function renderPrompt(
  template: Template,
  scope: TemplateScope,
  longest = MAX_INLINE_CHARS,
  limits?: RenderLimits,
): PromptWithDocuments {
  const documents: Document[] = []
  const sets: Node[] = []
  const pieces = template.body.map((node) => {
    // names that a template sets hold only within one rendering
    if (node.type.startsWith('set')) return sets.push(node) && ''
    const text = String(renderTemplate({ source: '', body: [...sets, node] }, scope, limits) ?? '')
    if (!isMaterial(node, text, longest)) return text
    const name = freeName(nameOf(node), documents)
    documents.push({ name, text })
    return `[document "${name}"]`
  })
  return { instruction: pieces.join('').trim(), documents }
}

/** Whether a node renders data from variables. A branch counts only if no value may appear among the author's words. */
function isMaterial(node: Node, text: string, longest: number): boolean {
  const trimmed = text.trim()
  if (longest === 0) return trimmed !== '' && writesValues(node)
  if (node.type !== 'output' && node.type !== 'for') return false
  return trimmed.length > longest || trimmed.includes('\n') || /^(?:\S+\s+){3,}\S*[.!?]$/.test(trimmed)
}

function writesValues(node: Node): boolean {
  if (node.type !== 'if') return node.type === 'output' || node.type === 'for'
  return [...node.branches.flatMap(({ body }) => body), ...node.otherwise].some(writesValues)
}

function nameOf(node: Node): string {
  const [reference] = listReferences({ source: '', body: [node] })
  return reference ? [reference.name, ...reference.path].join('.').slice(0, 80) : 'text'
}

function freeName(name: string, documents: readonly Document[]): string {
  const taken = (candidate: string) => documents.some((document) => document.name === candidate)
  for (let number = 2, candidate = name; ; number++) {
    if (!taken(candidate)) return candidate
    candidate = `${name} (${number})`
  }
}
