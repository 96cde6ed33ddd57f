import { InvalidError } from '../errors.ts'
import { installCommand } from '../lib/package/manifest.ts'

/** The packages of LangGraph. */
const PEERS = ['@langchain/langgraph', '@langchain/langgraph-checkpoint', '@langchain/core'] as const

/** The part of LangGraph that makes graphs go on. @throws InvalidError `peer_missing` that says how to install it */
export const loadLangGraph = () => import('@langchain/langgraph').catch(missing)

/** The part of LangGraph for checkpoints. @throws InvalidError `peer_missing` that says how to install it */
export const loadCheckpoint = () => import('@langchain/langgraph-checkpoint').catch(missing)

function missing(cause: unknown): never {
  throw new InvalidError(`antiphon/langgraph needs the packages ${PEERS.slice(0, 2).join(' and ')}.`, {
    code: 'peer_missing',
    hint: installCommand(...PEERS),
    cause,
  })
}
