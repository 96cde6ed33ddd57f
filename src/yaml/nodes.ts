import { isMap, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'

/** A value as it stands in a text. */
export type YamlNode = Scalar | YAMLMap | YAMLSeq

/** Looks at each value of a document, from its root on; keys are told apart. The parser's own way makes a list of what is around each. */
export function eachNode(node: unknown, look: (node: YamlNode, isKey: boolean) => void, isKey = false): void {
  if (isMap(node)) {
    look(node, isKey)
    for (const { key, value } of node.items) {
      eachNode(key, look, true)
      eachNode(value, look)
    }
  } else if (isSeq(node)) {
    look(node, isKey)
    for (const item of node.items) eachNode(item, look)
  } else if (isScalar(node)) look(node, isKey)
}
