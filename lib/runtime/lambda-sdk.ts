/** What is used of the client, so that a bundle holds no more of it although it is imported at run time. */
export { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
