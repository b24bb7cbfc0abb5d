// The program in which the tests' common headers are compiled once (huiliu_test_code in CMakeLists.txt).
int main() { return 0; }
