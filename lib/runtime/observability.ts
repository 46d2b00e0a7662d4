import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../domain/ports.ts';

/** The one logger of a process: JSON lines, with the invocation's request id. */
export const createLogger = (serviceName: string): Logger => new Logger({ serviceName });

/** The logger as the use cases know it. */
export const logTo = (logger: Logger): Log => ({
  info: (message, fields = {}) => logger.info(message, { ...fields }),
  warn: (message, fields = {}) => logger.warn(message, { ...fields }),
  error: (message, fields = {}) => logger.error(message, { ...fields }),
});
