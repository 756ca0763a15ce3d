from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Input, Conv2D, BatchNormalization, MaxPooling2D, Flatten, Dense, Dropout
from tensorflow.keras.optimizers import Adam


def build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='relu', optimizer='adam', print_summary=False):
    model = Sequential()
    model.add(Input(shape=input_shape))

    # Add first convolutional layer, then the rest with double the filters
    model.add(Conv2D(n_filters, kernel_size=(3, 3), padding='valid', activation=act_fun))
    model.add(BatchNormalization())
    model.add(MaxPooling2D(pool_size=(2, 2)))

    for i in range(1, n_conv_layers):
        model.add(Conv2D(n_filters * 2**i, kernel_size=(3, 3), padding='same', activation=act_fun))
        model.add(BatchNormalization())
        model.add(MaxPooling2D(pool_size=(2, 2)))

    model.add(Flatten())

    for i in range(n_dense_layers):
        model.add(Dense(n_nodes, activation=act_fun))
        model.add(BatchNormalization())
        if use_dropout:
            model.add(Dropout(0.5))

    model.add(Dense(10, activation='softmax'))

    model.compile(loss=loss, optimizer=Adam(learning_rate=learning_rate), metrics=['accuracy'])
    if print_summary:
        model.summary()
    return model
