/** The workload that durable-execution systems are compared by: five trivial steps and two waits for a task token. */
import { fileURLToPath } from 'node:url';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';

const app = new App();
const stack = new Stack(app, 'SmallWorkload');
const code = Code.fromAsset(fileURLToPath(new URL('.', import.meta.url)), { exclude: ['*.ts'] });
const lambda = (id: string) =>
  new LambdaFunction(stack, id, {
    code,
    handler: `${id.toLowerCase()}.handler`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 128,
    timeout: Duration.seconds(10),
  });
const step = lambda('Step');
const notify = lambda('Notify');

const order = ['Step1', 'Step2', 'Wait1', 'Step3', 'Step4', 'Wait2', 'Step5'];
const states = Object.fromEntries(
  order.map((name, index) => [
    name,
    {
      Type: 'Task',
      ...(name.startsWith('Wait')
        ? {
            Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
            Arguments: {
              FunctionName: '${Notify}',
              Payload: {
                driverUrl: '{% $states.context.Execution.Input.driverUrl %}',
                executionArn: '{% $states.context.Execution.Id %}',
                taskToken: '{% $states.context.Task.Token %}',
              },
            },
            Output: '{% $states.input %}',
          }
        : {
            Resource: 'arn:aws:states:::lambda:invoke',
            Arguments: { FunctionName: '${Step}', Payload: '{% $states.input %}' },
            Output: '{% $states.result.Payload %}',
          }),
      TimeoutSeconds: 60,
      ...(order[index + 1] ? { Next: order[index + 1] } : { End: true }),
    },
  ]),
);
const machine = new StateMachine(stack, 'Machine', {
  definitionBody: DefinitionBody.fromString(
    JSON.stringify({ QueryLanguage: 'JSONata', StartAt: order[0], States: states }),
  ),
  definitionSubstitutions: { Step: step.functionArn, Notify: notify.functionArn },
});
step.grantInvoke(machine);
notify.grantInvoke(machine);
new CfnOutput(stack, 'MachineArn', { value: machine.stateMachineArn });
app.synth();
