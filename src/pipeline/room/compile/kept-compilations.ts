import { freeze } from '../../../kernel/json.ts'
import { createLru } from '../../../store/lru.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type Compilation, type CompileContext, compileText } from '../../language/compile.ts'

/** Functions by which a compilation, or a child pipeline in it, asks for what lies outside its text. */
type Port = { readonly [name: string]: unknown }
const QUESTIONS = ['read', 'find', 'findPipeline', 'findModel', 'agentNames', 'judgePath']

/** A question to the port of that number, and its answer as JSON. The context is port 0, child pipelines follow. */
type Asked = {
  readonly port: number
  readonly name: string
  readonly words: readonly unknown[]
  readonly answer: string | undefined
}

type Kept = { readonly compilation: Compilation; readonly asked: readonly Asked[] }

const MAX_ENTRIES = 64
/** Characters of all texts, answers and results. */
const MAX_SIZE = 16 * 1024 * 1024

/**
 * Keeps compiled pipelines, so that a start spares the compiler. A compilation is pure but for its questions: for
 * included files, child pipelines, models, agents and paths. A kept one stands only if each question gets the same
 * answer again, so files are read at each start. The tools must be the same objects, or all kept ones go. A pipeline
 * that does not compile is not kept.
 *
 * `scope` parts those that may not share. Nobody gets more from a kept pipeline than from the compiler: the text and
 * all answers are the caller's own. Owners have scopes of their own because a fast answer would tell one of them that
 * another one has compiled the same text.
 */
export class KeptCompilations {
  readonly #compile: typeof compileText
  readonly #kept = createLru<Kept>(MAX_SIZE)
  #tools: readonly Tool[] = []

  constructor(compile = compileText) {
    this.#compile = compile
  }

  within(scope: readonly string[]): typeof compileText {
    return (text, context) => {
      const { file, given, strict, strategy, toolbox } = context
      this.#checkTools(toolbox.list())
      const key = JSON.stringify([scope, file, given, strict, strategy, text])
      const known = this.#kept.get(key)
      if (known && isSame(context, known.asked)) return known.compilation
      const asked: Asked[] = []
      const compilation = this.#compile(text, recorded(context, asked) as CompileContext)
      const size = JSON.stringify([key, asked, compilation]).length
      // the least size bounds the number of entries
      if (compilation.pipeline)
        this.#kept.set(key, { compilation: freeze(compilation), asked }, Math.max(size, MAX_SIZE / MAX_ENTRIES))
      return compilation
    }
  }

  #checkTools(tools: readonly Tool[]): void {
    const isKnown = tools.length === this.#tools.length && tools.every((tool, n) => tool === this.#tools[n])
    if (!isKnown) this.#kept.forget(() => true)
    this.#tools = tools
  }
}

/** The port, which records its questions, and those of the child pipelines that it finds. */
function recorded(port: Port, asked: Asked[], counted = { ports: 0 }): Port {
  const number = counted.ports++
  const record = (name: string, ask: (...words: readonly unknown[]) => unknown) => {
    return (...words: readonly unknown[]) => {
      const found = ask(...words)
      asked.push({ port: number, name, words, answer: JSON.stringify(found) })
      return isPort(found) ? recorded(found, asked, counted) : found
    }
  }
  const questions = QUESTIONS.flatMap((name) => {
    const ask = port[name]
    return typeof ask === 'function' ? [[name, record(name, ask as () => unknown)]] : []
  })
  return { ...port, ...Object.fromEntries(questions) }
}

/** Whether all questions get the same answers again. */
function isSame(context: Port, asked: readonly Asked[]): boolean {
  const ports = [context]
  return asked.every(({ port, name, words, answer }) => {
    const found = (ports[port]![name] as (...words: readonly unknown[]) => unknown)(...words)
    if (isPort(found)) ports.push(found)
    return JSON.stringify(found) === answer
  })
}

/** Whether an answer is a child pipeline, which finds its own files. */
const isPort = (found: unknown): found is Port =>
  typeof found === 'object' && found !== null && 'text' in found && 'find' in found
