/** What this process's tests have in /dev/shm under names that they chose: other programs may make blocks beside them. */
import { readdirSync } from 'node:fs'

export const ownShmFiles = (): string[] => readdirSync('/dev/shm').filter((name) => name.startsWith(`sct-unit-${process.pid}-`))
