import { type Document, isScalar, visit, YAMLParseError } from 'yaml'

/** The keys that stand twice in a map, as the parser would tell them: it compares each with all before it, which takes minutes of a large map. */
export function repeatedKeys(document: Document.Parsed): readonly YAMLParseError[] {
  const repeated: YAMLParseError[] = []
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const at = key.range?.[0] ?? 0
        if (seen.has(key.value))
          repeated.push(new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'Map keys must be unique'))
        seen.add(key.value)
      }
    },
  })
  return repeated
}
