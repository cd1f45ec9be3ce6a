/**
 * Recordings that the runtime cannot match because others say the opposite, or because the case asks for something else than was
 * recorded. They count as failed like any other; the report gives the reason. Where recordings of different years differ, the
 * behaviour of the larger number is implemented.
 */
interface Contradiction {
  cases: string[];
  reason: string;
}

const contradictions: Contradiction[] = [
  {
    cases: [
      'api_versioning/start_version_execution',
      'scenarios/base_scenarios/lambda_service_invoke_with_retry_extended_input',
      'scenarios/sfn_scenarios/path_based_on_data',
      'scenarios/sfn_scenarios/wait_for_callback',
    ],
    reason:
      'Recorded before executions could be redriven (November 2023): no redrive count. Every later recording of the same answers has one.',
  },
  {
    cases: [
      'local_mocking/base_callbacks/sfn_start_execution_sync/SFN_SYNC',
      'local_mocking/base_callbacks/sfn_start_execution_sync/SFN_SYNC2',
    ],
    reason:
      'Recorded in 2025: the description of a nested execution has its redrive status. The recordings of 2023 (callback/start_execution_sync and its like), which are more, have none.',
  },
  {
    cases: [
      'assign/assign_reference_variables/reference_in_map_state/MAP_STATE_REFERENCE_IN_TOLERATED_FAILURE_PATH',
      'assign/assign_reference_variables/reference_in_map_state_max_items_path/MAP_STATE_REFERENCE_IN_MAX_ITEMS_PATH',
      'assign/assign_reference_variables/reference_in_map_state_max_items_path/MAP_STATE_REFERENCE_IN_MAX_PER_BATCH_PATH',
      'local_mocking/base_scenarios/map_state_lambda',
      'scenarios/base_scenarios/map_item_batching_base_json_max_per_batch_jsonata',
      'scenarios/base_scenarios/map_item_reader_base_json_max_items_jsonata',
      'scenarios/base_scenarios/map_item_reader_base_json_with_items_path/VALID_ITEMS_PATH_FROM_ITEM_READER',
      'scenarios/base_scenarios/map_item_reader_base_json_with_items_path/VALID_ITEMS_PATH_FROM_PREVIOUS',
      'scenarios/base_scenarios/map_state_config_distributed_item_selector_parameters',
      'scenarios/base_scenarios/map_state_nested_config_distributed',
      'scenarios/base_scenarios/map_state_nested_config_distributed_no_max_max_concurrency',
    ],
    reason:
      'Since autumn 2024 `MapStateExited` of a distributed Map is chained to `MapRunStarted`; in the recordings before, which are more, to `MapRunSucceeded`. Nothing else in these cases differs.',
  },
  {
    cases: [
      'error_handling/task_service_sqs/send_message_no_such_queue',
      'error_handling/task_service_sqs/send_message_no_such_queue_no_catch',
    ],
    reason: 'The expected cause names the queue of the recording; the case itself asks for a queue of another name.',
  },
  {
    cases: [
      'test_state/test_state_mock_scenarios/put_events_mock_success',
      'test_state/test_state_mock_scenarios/send_sqs_message_success',
    ],
    reason: 'A UUID is expected where the case itself mocks a result without one.',
  },
  {
    cases: ['api/list_sms_pagination'],
    reason:
      'The case picks the entries of the list by their ARNs in the order of creation; what is expected is the list in the order of names (which is what the runtime answers).',
  },
];

export function reasonFor(id: string): string | undefined {
  return contradictions.find(({ cases }) => cases.includes(id))?.reason;
}
