import { type Document, isMap, isScalar, YAMLParseError } from 'yaml'
import { eachNode } from './nodes.ts'

/** The keys that stand twice in a map, as the parser would tell them: it compares each with all before it, which takes minutes of a large map. */
export function repeatedKeys({ contents }: Document.Parsed): readonly YAMLParseError[] {
  const repeated: YAMLParseError[] = []
  eachNode(contents, (node) => {
    if (!isMap(node)) return
    const seen = new Set<unknown>()
    for (const { key } of node.items) {
      if (!isScalar(key)) continue
      const at = key.range?.[0] ?? 0
      if (seen.has(key.value))
        repeated.push(new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'Map keys must be unique'))
      seen.add(key.value)
    }
  })
  return repeated
}
