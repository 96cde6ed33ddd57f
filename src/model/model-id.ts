/** The model that is always there, as provider and name, and as an id. */
export const OFFLINE = 'offline'
/** Under this name a call of a model says whose turn it takes. */
export const OURS = 'antiphon'
export const EXTRACTIVE = 'extractive'
export const EXTRACTIVE_ID = `${OFFLINE}/${EXTRACTIVE}`
