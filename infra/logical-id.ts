import { CfnElement } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Gives a construct's resource a short, stable logical id: moving code around must never replace a table. */
export const withLogicalId = <C extends IConstruct>(construct: C, id: string): C => {
  const resource = construct.node.defaultChild;
  if (!resource || !CfnElement.isCfnElement(resource))
    throw new Error(`${construct.node.path} has no resource of its own`);
  resource.overrideLogicalId(id);
  return construct;
};
