/**
 * @antiphon/langgraph: graphs of LangGraph that keep their state here, go on after a kill, and ask people in the inbox.
 * `checkpointer` stores their threads, `graphTool` makes a graph a tool, and `runNode` makes a run a node. Use it for
 * graphs that exist; a workflow does the same for plain functions.
 */

export { type CheckpointerOptions, checkpointer } from './checkpointer.ts'
export { type GraphTool, graphTool } from './graph-tool.ts'
export { type RunNode, type RunNodeOptions, runNode } from './run-node.ts'
export type { GraphCheckpointer } from './saver.ts'
