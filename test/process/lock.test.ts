/** The contract of locks, kept by every lock there is. */
import { lockContract } from './lock-contract.js'
import { subjects } from './lock-subject.js'

for (const subject of subjects) lockContract(subject)
