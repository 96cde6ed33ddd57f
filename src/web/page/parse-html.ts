// the build puts the parser itself here: with all it needs it would take 8 MB beside us
export { parseHTML } from 'linkedom'
